// The attribute is on a trait.
use usermgr::prelude::*;

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
pub trait Accounts {}

fn main() {}

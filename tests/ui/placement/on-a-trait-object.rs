// The manager is a trait object.
use usermgr::prelude::*;

trait Accounts {}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl dyn Accounts {}

fn main() {}

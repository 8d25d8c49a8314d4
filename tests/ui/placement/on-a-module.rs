// The attribute is on a module.
use usermgr::prelude::*;

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
mod accounts {}

fn main() {}

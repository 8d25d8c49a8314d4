// The attribute is on a function.
use usermgr::prelude::*;

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
pub async fn accounts() {}

fn main() {}

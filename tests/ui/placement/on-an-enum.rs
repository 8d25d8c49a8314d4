// The attribute is on an enum.
use usermgr::prelude::*;

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
enum Accounts {
    Shop,
    Office,
}

fn main() {}

// The manager is a trait object.
// Remedy: annotate an `impl` block of a type of your own
use usermgr::prelude::*;

trait Accounts {}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl dyn Accounts {}

fn main() {}

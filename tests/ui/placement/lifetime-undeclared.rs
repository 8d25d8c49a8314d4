// A lifetime of the block is not declared.
// Remedy: write `impl<'a> Accounts<'a>`
use usermgr::prelude::*;

struct Accounts<'a> {
    engine: Engine,
    name: &'a str,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts<'a> {
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}

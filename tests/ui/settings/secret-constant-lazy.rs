// A secret is a `LazyLock`.
// Remedy: write `&**SECRET`, or `Secret::env`
use usermgr::prelude::*;

use std::sync::LazyLock;

static SECRET: LazyLock<String> = LazyLock::new(|| std::env::var("SECRET").unwrap());

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET)]
impl Accounts {}

fn main() {}

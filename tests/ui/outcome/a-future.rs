// A hook returns a future.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    fn on_after_register(&self, _: &User) -> impl Future<Output = ()> {
        async {}
    }
}

fn main() {}

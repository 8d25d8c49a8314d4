// `cfg_attr` adds a `cfg` to a hook.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    #[cfg_attr(unix, cfg(test))]
    async fn on_after_register(&self, _: &User) {}
}

fn main() {}

// A parameter has the wrong type.
// Remedy: write the expected type
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, name: &String, cx: &Context) {
        println!("{name} has registered from {:?}", cx.ip);
    }
}

fn main() {}

// A hook holds a value across an `await` that is not `Send`.
// Remedy: drop it before the `await`, or use a type that is `Send`, such as `Arc`
use std::rc::Rc;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        let name = Rc::new(user.email.to_string());
        tokio::task::yield_now().await;
        println!("{name} has registered");
    }
}

fn main() {}

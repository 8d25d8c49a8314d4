// A parameter has a different profile than the store.
// Remedy: name the store of that profile: `store = SqliteStore<Customer>`
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
}

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User<Customer>) {
        println!("{} has registered", user.profile.name);
    }
}

fn main() {}

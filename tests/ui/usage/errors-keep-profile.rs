// The rest of the program uses a profile with mistakes.
// Remedy: only the mistakes themselves are reported
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    email: String,
    #[profile(servr)]
    credits: u32,
}

struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User<Customer>) {
        println!("{} has {} credits", user.profile.email, user.profile.credits);
    }
}

fn ada() -> CustomerRegister {
    CustomerRegister { email: "ada@example.com".to_owned() }
}

fn main() {}

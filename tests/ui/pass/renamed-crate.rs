// The crate may have another name.
use um::prelude::*;

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, Profile)]
#[profile(crate = ::um)]
struct Customer {
    name: String,
}

struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(crate = ::um, store = MemoryStore<Customer>, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User<Customer>) {
        println!("{} has registered", user.profile.name);
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::default()) }.check().unwrap();
}

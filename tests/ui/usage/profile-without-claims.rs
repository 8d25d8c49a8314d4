// No claim is named for a field that a registration must have, and the engine has sign-ins through providers.
// Remedy: name a claim, give the field a default, or use `profile_by_hook`
use serde::{Deserialize, Serialize};
use usermgr::{oauth::OAuth, prelude::*};

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
}

fn main() {
    let engine = Engine::new(MemoryStore::<Customer>::default()).with(OAuth::at("https://shop.example"));
}

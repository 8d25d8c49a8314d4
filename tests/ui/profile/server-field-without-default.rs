// A field of the server has no default.
// Remedy: derive `Default` for its type
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Level {
    Silver,
    Gold,
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(server)]
    level: Level,
}

fn main() {}

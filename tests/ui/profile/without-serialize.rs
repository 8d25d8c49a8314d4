// A profile cannot be written.
// Remedy: derive `Serialize`
use serde::Deserialize;
use usermgr::prelude::*;

#[derive(Clone, Debug, Deserialize, Profile)]
struct Customer {
    name: String,
}

fn main() {}

// A profile does not implement `Serialize`.
// Remedy: derive `Serialize`
use serde::Deserialize;
use usermgr::prelude::*;

#[derive(Clone, Debug, Deserialize, Profile)]
struct Customer {
    name: String,
}

fn main() {}

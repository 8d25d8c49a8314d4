// A field cannot be read.
// Remedy: derive `Deserialize` for its type
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize)]
struct Address {
    city: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    address: Address,
}

fn main() {}

// A field is flattened.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Address {
    city: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    #[serde(flatten)]
    address: Address,
}

fn main() {}

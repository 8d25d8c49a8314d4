// A word of a field stands on the struct.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(server)]
struct Customer {
    name: String,
}

fn main() {}

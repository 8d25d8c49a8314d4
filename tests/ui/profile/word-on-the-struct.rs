// A word for fields is on the struct.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(server)]
struct Customer {
    name: String,
}

fn main() {}

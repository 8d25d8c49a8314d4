// A claim has no name.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    #[profile(claim)]
    name: String,
}

fn main() {}

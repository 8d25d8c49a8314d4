// The crate has no path.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate)]
struct Customer {
    name: String,
}

fn main() {}

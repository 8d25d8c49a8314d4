// The path of the crate is relative.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate = vendored::usermgr)]
struct Customer {
    name: String,
}

fn main() {}

// A word does not exist.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(private)]
    credits: u32,
}

fn main() {}

// The attribute has no words.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile]
    credits: u32,
}

fn main() {}

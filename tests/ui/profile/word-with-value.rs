// A word has a value.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(server = true)]
    credits: u32,
}

fn main() {}

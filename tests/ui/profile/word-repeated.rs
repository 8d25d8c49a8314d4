// A word is repeated.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(server, server)]
    credits: u32,
}

fn main() {}

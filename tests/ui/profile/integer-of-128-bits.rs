// A field is an integer of 128 bits.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    balance: Option<u128>,
}

fn main() {}

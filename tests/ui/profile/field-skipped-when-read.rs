// A field is skipped when it is read.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[serde(skip_deserializing)]
    credits: u32,
}

fn main() {}

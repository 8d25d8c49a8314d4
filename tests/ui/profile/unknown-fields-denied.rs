// Unknown fields are denied.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(deny_unknown_fields)]
struct Customer {
    name: String,
}

fn main() {}

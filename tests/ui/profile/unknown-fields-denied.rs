// Unknown fields are denied.
// Remedy: remove it: the fields of the user are unknown to the profile
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(deny_unknown_fields)]
struct Customer {
    name: String,
}

fn main() {}

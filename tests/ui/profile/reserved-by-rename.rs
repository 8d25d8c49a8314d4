// A field is renamed to a field of the user.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    #[serde(rename = "email")]
    address: String,
}

fn main() {}

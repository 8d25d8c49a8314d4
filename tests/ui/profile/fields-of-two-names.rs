// All fields have other names when written than when read.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(rename_all(serialize = "camelCase"))]
struct Customer {
    name: String,
    full_name: String,
    is_banned: bool,
}

fn main() {}

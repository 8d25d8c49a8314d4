// A profile is an enum.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
enum Customer {
    Private { name: String },
    Company { name: String },
}

fn main() {}

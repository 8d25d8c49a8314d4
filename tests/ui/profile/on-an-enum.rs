// A profile is an enum.
// Remedy: give the fields a struct of their own
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
enum Customer {
    Private { name: String },
    Company { name: String },
}

fn main() {}

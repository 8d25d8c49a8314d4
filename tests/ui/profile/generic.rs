// A profile is generic.
// Remedy: write the type of the field out
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer<T> {
    name: T,
}

fn main() {}

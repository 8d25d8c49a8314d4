// A profile has no fields at all.
// Remedy: write `struct Customer {}`, or use `NoProfile`
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer;

fn main() {}

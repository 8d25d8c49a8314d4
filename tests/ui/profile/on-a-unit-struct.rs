// A profile has no fields at all.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer;

fn main() {}

// The type of a field does not exist.
// Remedy: correct the name
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    nickname: Option<Strng>,
}

fn main() {}

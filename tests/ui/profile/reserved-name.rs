// A field is named like one of the user.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    is_superuser: bool,
}

fn main() {}

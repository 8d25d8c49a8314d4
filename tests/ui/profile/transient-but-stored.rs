// A transient field is stored.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(transient)]
    invitation: Option<String>,
}

fn main() {}

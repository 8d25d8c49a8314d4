// A provider would set a field of superusers.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Staff {
    #[profile(admin, claim = "groups")]
    groups: Vec<String>,
}

fn main() {}

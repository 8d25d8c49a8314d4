// A field is of superusers and is sent at a registration alone.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Staff {
    name: String,
    #[profile(admin, transient)]
    #[serde(default, skip_serializing)]
    invitation: Option<String>,
}

fn main() {}

// A field is transient and the server's.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[profile(server, transient)]
    #[serde(default, skip_serializing)]
    invitation: Option<String>,
}

fn main() {}

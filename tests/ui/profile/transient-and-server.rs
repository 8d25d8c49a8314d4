// A field is both transient and of the server.
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

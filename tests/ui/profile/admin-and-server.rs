// A field is of superusers and of the server.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Staff {
    name: String,
    #[profile(admin, server)]
    level: u8,
}

fn main() {}

// A field of the server names a claim.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    #[profile(server, claim = "role")]
    role: String,
}

fn main() {}

// A field of superusers is set in the update of a user.
// Remedy: use `StaffAdminUpdate`, or `update_profile`
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Staff {
    name: String,
    #[profile(admin)]
    level: u8,
}

fn promote() -> StaffUpdate {
    StaffUpdate { level: Some(3), ..StaffUpdate::default() }
}

fn main() {}

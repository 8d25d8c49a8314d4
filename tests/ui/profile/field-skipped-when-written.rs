// A field is skipped when it is written.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[serde(default, skip_serializing)]
    tax_number: String,
}

fn main() {}

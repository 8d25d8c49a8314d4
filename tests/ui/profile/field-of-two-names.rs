// A field has one name when written and another when read.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[serde(rename(serialize = "taxNumber", deserialize = "tax"))]
    tax_number: String,
}

fn main() {}

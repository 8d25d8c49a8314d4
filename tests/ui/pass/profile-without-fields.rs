// A profile may be empty.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {}

pub fn main() {
    Customer::create(CustomerRegister {}).apply(CustomerUpdate {});
}

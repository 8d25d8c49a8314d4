//! The managers of this crate work. That clippy accepts them, with and without the feature, is a step of the gate.

use um::prelude::*;
use usermgr_hygiene::{generic, lifetimes, plain};

#[test]
fn managers_in_hostile_surroundings_are_set_up() {
    plain::Accounts::new("welcome").check().unwrap();
    lifetimes::Accounts::new("the shop").check().unwrap();
    generic::Limited::<_, 80>::new("too long").check().unwrap();
}

// A profile is a union.
use usermgr::prelude::*;

#[derive(Profile)]
union Customer {
    name: u32,
    number: u32,
}

fn main() {}

// A profile is a union.
// Remedy: write a struct
use usermgr::prelude::*;

#[derive(Profile)]
union Customer {
    name: u32,
    number: u32,
}

fn main() {}

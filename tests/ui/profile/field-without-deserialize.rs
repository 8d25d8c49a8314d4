// A field cannot be read.
// Remedy: derive `Deserialize` for its type
use usermgr::prelude::*;

#[derive(Clone, Debug)]
struct Address {
    city: String,
}

#[derive(Clone, Debug, Profile)]
struct Customer {
    address: Address,
}

fn main() {}

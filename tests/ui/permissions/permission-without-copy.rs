// The permissions are not `Copy`.
// Remedy: derive `Clone` and `Copy` too
use usermgr::prelude::*;

#[derive(Permission)]
enum Can {
    Refund,
}

fn main() {}

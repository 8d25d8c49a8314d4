// The name of a permission is above the enum.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
#[permission("orders")]
enum Can {
    Refund,
}

fn main() {}

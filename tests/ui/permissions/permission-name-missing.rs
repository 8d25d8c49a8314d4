// The attribute of a permission has no name.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission]
    Refund,
}

fn main() {}

// The name of a permission has a capital and a space.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("Orders Read")]
    OrdersRead,
}

fn main() {}

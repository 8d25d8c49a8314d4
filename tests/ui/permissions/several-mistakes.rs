// An enum has several mistakes.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("orders:read")]
    Twin,
    #[permission("Orders Read")]
    Bad,
    Of(u32),
}

fn main() {}

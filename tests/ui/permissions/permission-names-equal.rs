// Two permissions have the same name.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("orders:read")]
    OrdersList,
}

fn main() {}

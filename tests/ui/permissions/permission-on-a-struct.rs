// The permissions are a struct.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
struct Can {
    orders_read: bool,
}

fn main() {}

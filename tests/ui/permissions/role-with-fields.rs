// A role has a field.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(Refund)]
    Clerk(u32),
}

fn main() {}

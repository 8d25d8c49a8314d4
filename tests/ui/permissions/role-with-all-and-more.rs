// A role grants all permissions and one more.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(all, Refund)]
    Owner,
}

fn main() {}

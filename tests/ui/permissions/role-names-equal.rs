// Two roles have the same name.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(name = "clerk", Refund)]
    Sales,
    #[role()]
    Clerk,
}

fn main() {}

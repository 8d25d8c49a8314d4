// A role does not say what it grants.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(OrdersRead)]
    Clerk,
    Owner,
}

fn main() {}

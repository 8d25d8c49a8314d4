// A role grants a permission that does not exist.
// Remedy: correct the name
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(OrdersRaed)]
    Clerk,
}

fn main() {}

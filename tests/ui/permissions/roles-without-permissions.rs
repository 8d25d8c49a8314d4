// The roles do not say which permissions they grant.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
enum Role {
    #[role(OrdersRead)]
    Clerk,
}

fn main() {}

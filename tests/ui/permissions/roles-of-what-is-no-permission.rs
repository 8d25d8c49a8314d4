// The roles grant what does not derive `Permission`.
// Remedy: derive `Permission` for the enum
use usermgr::prelude::*;

#[derive(Clone, Copy)]
enum Can {
    OrdersRead,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(OrdersRead)]
    Clerk,
}

fn main() {}

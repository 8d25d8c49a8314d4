// A role grants a permission by its path.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(Can::Refund)]
    Clerk,
}

fn main() {}

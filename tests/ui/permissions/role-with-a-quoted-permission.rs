// A role grants a permission in quotes.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role("refund")]
    Clerk,
}

fn main() {}

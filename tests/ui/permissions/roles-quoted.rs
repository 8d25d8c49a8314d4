// The enum of the permissions is in quotes.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles("Can")]
enum Role {
    #[role(OrdersRead)]
    Clerk,
}

fn main() {}

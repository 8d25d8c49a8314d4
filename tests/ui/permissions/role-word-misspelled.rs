// The name of a role is under a misspelled word.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
}

#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role(nam = "sales", Refund)]
    Clerk,
}

fn main() {}

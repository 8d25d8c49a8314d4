// A permission has two names.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("refund", "repay")]
    Refund,
}

fn main() {}

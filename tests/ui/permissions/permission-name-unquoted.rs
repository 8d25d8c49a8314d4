// The name of a permission has no quotes.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(refund)]
    Refund,
}

fn main() {}

// A permission has a field.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Refund(u32),
}

fn main() {}

// The name of the enum is that of its module.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
#[allow(non_camel_case_types)]
enum can {
    Refund,
}

fn main() {}

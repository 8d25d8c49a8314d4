// The enum of the permissions has a parameter.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can<T> {
    Read,
    Write(T),
}

fn main() {}

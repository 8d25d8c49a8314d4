// A handler needs more than eight permissions in one tuple.
// Remedy: put tuples into the tuple
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    A,
    B,
}

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}

impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, _: &User) -> Permissions<Can> {
        Permissions::none()
    }
}

type Requires<N> = usermgr::axum::Requires<Accounts, N>;

use can::{A, B};

async fn orders(_: Requires<(A, B, A, B, A, B, A, B, A)>) {}

fn main() {}

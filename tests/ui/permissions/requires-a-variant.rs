// A handler needs a variant in place of its type.
// Remedy: name the type of the module: `can::Refund`
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
    OrdersRead,
    Refund,
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

async fn orders(_: Requires<Can::Refund>) {}

fn main() {}

// A handler needs a permission of another enum.
// Remedy: name a permission of the manager's own enum
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

#[derive(Clone, Copy, Permission)]
enum May {
    Ship,
}

async fn ship(_: Requires<may::Ship>) {}

fn main() {}

// The manager does not say what its users may do.
// Remedy: implement `Permits` for the manager
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

type Requires<N> = usermgr::axum::Requires<Accounts, N>;

async fn orders(_: Requires<can::Refund>) {}

fn main() {}

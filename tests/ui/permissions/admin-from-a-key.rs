// A handler wants the rights of a superuser from what an API key may have let in.
// Remedy: take `Superuser`, which accepts no key; `Admin::from_principal(user.principal())` is then there.
use usermgr::prelude::*;

#[derive(Clone, Copy, Permission)]
enum Can {
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

async fn suspend(who: Requires<can::Refund>) -> Option<Admin> {
    Admin::from_principal(who.principal())
}

fn main() {}

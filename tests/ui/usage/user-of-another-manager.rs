// A user of one manager is used where a user of another one is needed.
// Remedy: take the extractor of that manager, as in `CurrentUser<Staff>`
use usermgr::{axum::CurrentUser, prelude::*};

struct Staff {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Staff {}

struct Customers {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Customers {}

fn open_the_till(_: &CurrentUser<Staff>) {}

async fn pay(customer: CurrentUser<Customers>) {
    open_the_till(&customer);
}

fn main() {}

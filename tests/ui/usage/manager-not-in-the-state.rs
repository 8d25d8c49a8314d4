// A handler asks for a user of a manager that is not in the state of its router.
// Remedy: make the state hold the manager, and implement `FromRef<State> for Arc<Manager>`
use axum::{Router, routing::get};
use std::sync::Arc;
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

async fn basket(customer: CurrentUser<Customers>) -> String {
    customer.email.to_string()
}

fn app(staff: Arc<Staff>) -> Router {
    Router::new().route("/basket", get(basket)).with_state(staff)
}

fn main() {}

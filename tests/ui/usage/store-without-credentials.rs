// Rows are sealed again, but the store keeps no credentials.
// Remedy: implement `CredentialStore` for the store, or use one that has it
use usermgr::{store::SessionStore, prelude::*};

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = Secret::env("SECRET"))]
impl<S: SessionStore> Accounts<S> {}

async fn rotate<S: SessionStore>(accounts: &Accounts<S>) {
    let done = accounts.reseal(&Admin::system("rotation"), &Context::default()).await;
    println!("{done:?}");
}

fn main() {}

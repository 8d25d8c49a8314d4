//! The sizes of the futures of operations. A handler keeps the future of its operation, and a thread that polls it
//! without a box has it on its stack.

use std::sync::Arc;

use crate::{
    SqliteStore,
    engine::Proof,
    prelude::*,
    store::{CredentialKind, SessionId},
    user::{AdminUpdate, Record, Stamp},
};

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: UserStore<Profile = NoProfile, Id = uuid::Uuid>> Accounts<S> {}

/// The operation and the bytes of its future.
macro_rules! sizes {
    ($accounts:ident: $($operation:ident($($argument:expr),*);)*) => {
        [$((stringify!($operation), size_of_val(&$accounts.$operation($($argument),*)))),*]
    };
}

#[tokio::test]
async fn no_future_of_an_operation_is_large() {
    let email = EmailAddress::for_lookup("ada@example.com");
    let user = User::new(uuid::Uuid::nil(), email, jiff::Timestamp::UNIX_EPOCH, NoProfile);
    let record = Record::new(user.clone(), None, Stamp::from_bytes([0; 16]), 0);
    let session = SessionInfo::new(SessionId::new("none"), "bearer", user.created_at, user.created_at);
    let principal = crate::session::Principal::new(record, session);
    let engine = Engine::new(SqliteStore::<NoProfile>::in_memory().await.unwrap());
    let (accounts, cx, admin) = (Arc::new(Accounts { engine }), Context::default(), Admin::system("test"));
    let credentials = || Credentials::new("ada@example.com", "correct horse battery");
    let register = || Register::new("ada@example.com", "correct horse battery");
    let sizes = sizes!(accounts:
        register(register(), &cx);
        create(NewUser::new(user.email.clone(), NoProfile), &cx);
        authenticate(credentials(), &cx);
        login(credentials(), "bearer", &cx);
        finish_login(&"token".into(), &Proof::new(CredentialKind::new("totp"), "1"), "bearer", &cx);
        sign_in(&user, crate::session::Amr::PASSWORD, "bearer", &cx);
        logout(&principal, &cx);
        identify("bearer", "token");
        refresh(&"token".into(), "bearer", &cx);
        get(&user.id);
        sessions(&user, &cx);
        revoke_session(&user, &SessionId::new("none"), &cx);
        request_verify(&user, &cx);
        verify(&"token".into(), &cx);
        forgot_password(&user, &cx);
        reset_password(&"token".into(), "another horse battery".into(), &cx);
        change_password(&user, "correct horse battery".into(), "another horse battery".into(), &cx);
        request_email_change(&user, &user.email, &cx);
        confirm_email_change(&"token".into(), &cx);
        update(&user, UpdateMe::default(), &cx);
        delete(&user, &cx);
        update_user(&admin, &user.id, AdminUpdate::default(), &cx);
        delete_user(&admin, &user.id, &cx);
    );
    let most = |operation: &str| match operation {
        // Those of a request that changes no account.
        "logout" | "identify" | "refresh" | "get" | "sessions" | "revoke_session" => 2560,
        "confirm_email_change" => 14 * 1024,
        _ => 9 * 1024,
    };
    let large: Vec<_> = sizes.iter().filter(|(operation, bytes)| *bytes > most(operation)).collect();
    assert!(large.is_empty(), "{large:?} of {sizes:#?}");
}

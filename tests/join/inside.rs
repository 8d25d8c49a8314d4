//! Every operation, called from the hook inside the transaction of another, is refused.

use std::sync::{Arc, Mutex, Weak};

use usermgr::{
    Delivery, Fault,
    prelude::*,
    session::Principal,
    store::{CredentialId, ListQuery, Lookup, OutboxId, SessionId, UserFilter},
    user::{AdminUpdate, Username},
};

const GOOD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<MemoryStore>,
    /// For the operations that may go on in the background.
    this: Weak<Accounts>,
    /// What each operation answered inside.
    answers: Mutex<Vec<(&'static str, String)>>,
}

macro_rules! ask {
    ($accounts:ident: $($operation:ident($($argument:expr),*);)*) => {{
        let mut answers = Vec::new();
        $(answers.push((stringify!($operation), match $accounts.$operation($($argument),*).await {
            Ok(_) => "done".to_owned(),
            Err(error) => error.to_string(),
        }));)*
        answers
    }};
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_commit(
        &self,
        change: &UserChange<'_>,
        _: &mut Tx<MemoryStore>,
        cx: &Context,
    ) -> Result<(), Rejection> {
        let (user, admin) = (change.user(), Admin::system("test"));
        let new = || NewUser::new(EmailAddress::parse("new@example.com").unwrap(), NoProfile);
        let nothing = UpdateMe::default;
        let update = || AdminUpdate::default().verified(true);
        let login = || Credentials::new("ada@example.com", GOOD);
        let json = serde_json::Value::Null;
        let proof = || usermgr::engine::Proof::new(usermgr::store::CredentialKind::new("shop:badge"), "0815");
        let record = usermgr::user::Record::new(user.clone(), None, usermgr::user::Stamp::from_bytes([0; 16]), 0);
        let session = SessionInfo::new(SessionId::new("none"), "bearer", user.created_at, user.created_at);
        let principal = Principal::new(record, session);
        let this = &self.this.upgrade().unwrap();
        let answers = ask!(this:
            register(Register::new("new@example.com", GOOD), cx);
            register_discreetly(Register::new("new@example.com", GOOD), cx);
            create(new(), cx);
            authenticate(login(), cx);
            login(login(), "bearer", cx);
            finish_login(&"token".into(), &proof(), "bearer", cx);
            pending_login(&"token".into(), "bearer");
            finish_authentication(&"token".into(), &proof(), cx);
            sign_in(user, usermgr::session::Amr::PASSWORD, "bearer", cx);
            logout(&principal, cx);
            login_history(user);
            get(&user.id);
            get_by_email(&user.email);
            get_by_username(&Username::for_lookup("ada"));
            request_verify(user, cx);
            request_verify_for(&user.email, cx);
            verify(&"token".into(), cx);
            inspect(&VerifyToken::from("token"), cx);
            request_login(&user.email, cx);
            login_by_mail(&MailProof::link("token"), "bearer", cx);
            invite(&admin, user.email.clone(), NoProfile, cx);
            invite_by(&principal, user.email.clone(), NoProfile, cx);
            invitations(&admin, ListQuery::default());
            resend_invitation(&admin, &user.id, cx);
            withdraw_invitation(&admin, &user.id, cx);
            accept_invitation(&"token".into(), GOOD.into(), NoProfile, cx);
            begin_invitation_passkey(&"token".into(), cx);
            accept_invitation_with_passkey(&"token".into(), &"token".into(), &json, None, cx);
            forgot_password(user, cx);
            request_reset_for(&user.email, cx);
            reset_password(&"token".into(), GOOD.into(), cx);
            change_password(user, GOOD.into(), GOOD.into(), cx);
            request_email_change(user, &user.email, cx);
            request_email_change_discreetly(user, &user.email, cx);
            confirm_email_change(&"token".into(), cx);
            update(user, nothing(), cx);
            update_proving_email(user, nothing(), cx);
            delete(user, cx);
            identify("bearer", "token");
            sessions(user, cx);
            revoke_session(user, &SessionId::new("none"), cx);
            revoke_all(user, cx);
            revoke_others(user, cx);
            refresh(&"token".into(), "bearer", cx);
            update_user(&admin, &user.id, update(), cx);
            update_profile(&admin, &user.id, |_| {}, cx);
            set_active(&admin, &user.id, false, cx);
            set_superuser(&admin, &user.id, true, cx);
            delete_user(&admin, &user.id, cx);
            revoke_user_sessions(&admin, &user.id, cx);
            impersonate(&admin, &user.id, cx);
            list_users(&admin, ListQuery::default());
            search_users(&admin, &UserFilter::default(), ListQuery::default());
            reseal(&admin, cx);
            identities(user, cx);
            unlink_identity(user, &CredentialId::new("none"), cx);
            provider_token(user, &CredentialId::new("none"), cx);
            factors(user, cx);
            rename_factor(user, &CredentialId::new("none"), None, cx);
            remove_factor(user, &CredentialId::new("none"), cx);
            remove_all_factors(&admin, &user.id, cx);
            replace_recovery_codes(user, cx);
            step_up(&principal, usermgr::StepUp::new(), cx);
            confirm_identity(&principal, usermgr::StepUp::new(), cx);
            begin_totp(&principal, cx);
            confirm_totp(&principal, &"token".into(), "123456", None, cx);
            passkeys(user, cx);
            begin_passkey(&principal, cx);
            add_passkey(&principal, &"token".into(), &json, None, cx);
            begin_passkey_login("bearer", cx);
            login_with_passkey(&"token".into(), &json, "bearer", cx);
            api_keys(user, cx);
            create_api_key(&principal, NewApiKey::new(["x"]), cx);
            rotate_api_key(&principal, &CredentialId::new("none"), std::time::Duration::ZERO, cx);
            rename_api_key(user, &CredentialId::new("none"), None, cx);
            revoke_api_key(user, &CredentialId::new("none"), cx);
            revoke_user_api_keys(&admin, &user.id, None, cx);
            create_service_account(&admin, "robot", NoProfile, cx);
            create_service_api_key(&admin, &user.id, NewApiKey::new(["x"]), cx);
            deliver(async {});
            deliver_due();
            list_undelivered(&admin, ListQuery::default());
            retry_undelivered(&admin, &OutboxId::new("none"));
            delete_undelivered(&admin, &OutboxId::new("none"));
            purge_undelivered(user.created_at);
        );
        *self.answers.lock().unwrap() = answers;
        Ok(())
    }
}

/// The operations that the macro knows, except those that ask no store, those that end or ask the process as a whole, and
/// those that start a task.
fn operations() -> Vec<&'static str> {
    let text = include_str!("../../usermgr-derive/src/operations.rs");
    let table = text.split_once("OPERATIONS: &[&str] = &[").unwrap().1.split_once("];").unwrap().0;
    table
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            !["check", "reload_settings", "ready", "shutdown", "start_delivery", "start_purging"].contains(name)
        })
        .collect()
}

#[tokio::test]
async fn every_operation_is_refused_inside_and_the_change_goes_on() {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .outbox()
        .build()
        .unwrap();
    let accounts = Arc::new_cyclic(|this| Accounts { engine, this: this.clone(), answers: Mutex::default() });
    let ada = accounts.register(Register::new("ada@example.com", GOOD), &Context::default()).await.unwrap();

    let answers = std::mem::take(&mut *accounts.answers.lock().unwrap());
    let mut asked: Vec<_> = answers.iter().map(|(operation, _)| *operation).collect();
    let mut all = operations();
    asked.sort_unstable();
    all.sort_unstable();
    assert_eq!(asked, all);
    for (operation, answer) in answers {
        assert_eq!(answer, Fault::InsideTransaction.to_string(), "{operation}");
    }

    // Outside they work again, and nothing of what was refused was done.
    assert!(accounts.get(&ada.id).await.unwrap().is_some());
    let row = accounts.engine.store().find(Lookup::Id(&ada.id)).await.unwrap().unwrap();
    assert_eq!((row.version, row.user), (0, ada));
}

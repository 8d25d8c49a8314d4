//! The table: each operation with each way it can end.

use std::time::Duration;

use usermgr::{
    StepUp,
    context::Actor,
    engine::{Deadline, Proof},
    prelude::*,
    session::Method,
    store::{CredentialId, CredentialKind, ListQuery, UserFilter},
    token::{ChangeEmail, Reset, Verify},
    user::{AdminUpdate, Username},
};

use super::world::{
    ADA, Card, CardRegister, CardUpdate, GOOD, HOOK_TIMEOUT, INA, IRIS, NEW, OLD, ROOT, Run, VERA, WEAK, World,
    outcome_text,
};

/// One way in which an operation can end, when all hooks pass.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    pub(crate) outcome: &'static str,
    /// What was called, with which arguments, by which actor, and the state of the row in the store at that time.
    pub(crate) hooks: Vec<&'static str>,
    pub(crate) events: Vec<&'static str>,
    /// Whether the accounts are others than before.
    pub(crate) writes: bool,
}

macro_rules! table {
    ($($name:literal: |$world:ident| $run:expr => $outcome:literal, $writes:ident,
        [$($hook:literal),* $(,)?], [$($event:literal),* $(,)?];)*) => {
        vec![$(Case {
            name: $name,
            run: |$world| Box::pin(async move { outcome_text($run) }),
            outcome: $outcome,
            hooks: vec![$($hook),*],
            events: vec![$($event),*],
            writes: writes::$writes,
        }),*]
    };
}

#[expect(non_upper_case_globals, reason = "words of the table")]
mod writes {
    pub(crate) const writes: bool = true;
    pub(crate) const same: bool = false;
}

fn register(email: &str, password: &str) -> Register<Card> {
    let profile = CardRegister { nickname: Some("Al".into()) };
    Register::with_profile(email, password, profile)
}

fn new_user(password: Option<&str>) -> NewUser<Card> {
    let mut new = NewUser::new(EmailAddress::parse("new@example.com").unwrap(), Card::default());
    new.password = password.map(Password::from);
    new
}

fn nothing() -> UpdateMe<Card> {
    UpdateMe::with_profile(CardUpdate { nickname: None })
}

fn to_email(email: &str) -> UpdateMe<Card> {
    nothing().email(email)
}

fn to_password(password: &str) -> UpdateMe<Card> {
    nothing().password(password)
}

fn everything() -> AdminUpdate<Card> {
    AdminUpdate::with_profile(CardUpdate { nickname: Some(Some("Al".into())) })
        .email("new@example.com")
        .password(NEW)
        .active(false)
        .superuser(true)
        .verified(true)
}

fn cx() -> Context {
    Context::default()
}

fn system() -> Context {
    Context::system("test")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn credentials(email: &str, password: &str) -> Credentials {
    Credentials::new(email, password)
}

fn proof() -> Proof {
    Proof::new(CredentialKind::new("test:code"), "123456")
}

async fn login(world: &World, email: &str, password: &str) -> Result<(), impl std::fmt::Display> {
    world.accounts.login(credentials(email, password), "bearer", &cx()).await.map(drop)
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    let mut all = accounts();
    all.extend(logins());
    all.extend(tokens());
    all.extend(changes());
    all
}

#[rustfmt::skip]
fn accounts() -> Vec<Case> {
    table! {
        "register": |w| w.accounts.register(register("new@example.com", GOOD), &cx()).await => "ok", writes, [
            "validate_password(new new@example.com Some(\"Al\")) [no row]",
            "on_before_register(new@example.com Some(\"Al\")) [no row]",
            "on_before_commit(registered new@example.com) [open]",
            "on_after_register(new@example.com) [v0]",
        ], ["Registered"];
        "register, weak password": |w| w.accounts.register(register("new@example.com", WEAK), &cx()).await
            => "the password is refused: weak", same, ["validate_password(new new@example.com Some(\"Al\")) [no row]"], [];
        "p7 register, password over the cap": |w| w.accounts.register(register("new@example.com", &"x".repeat(1025)), &cx()).await
            => "the password is refused: the password is longer than 1024 bytes", same, [], [];
        "register, no address": |w| w.accounts.register(register("new", GOOD), &cx()).await
            => "the e-mail address is not valid: an address needs an @-sign", same, [], [];
        "register, taken address": |w| w.accounts.register(register("ADA@example.com", GOOD), &cx()).await
            => "a user with this e-mail address already exists", same, [
            "validate_password(new ADA@example.com Some(\"Al\")) [v0]",
            "on_before_register(ADA@example.com Some(\"Al\")) [v0]",
            "on_after_duplicate_register(ada@example.com) [v0]",
        ], ["DuplicateRegistration"];
        "register_discreetly, taken address": |w| {
            let registered = w.accounts.register_discreetly(register("ADA@example.com", GOOD), &cx()).await;
            w.settle().await;
            registered
        } => "ok", same, [
            "validate_password(new ADA@example.com Some(\"Al\")) [v0]",
            "on_before_register(ADA@example.com Some(\"Al\")) [v0]",
            "on_after_duplicate_register(ada@example.com) [v0]",
        ], ["DuplicateRegistration"];
        "create": |w| w.accounts.create(new_user(Some(GOOD)), &system()).await => "ok", writes, [
            "validate_password(new new@example.com None) by system:test [no row]",
            "on_before_register(new@example.com None) by system:test [no row]",
            "on_before_commit(registered new@example.com) by system:test [open]",
            "on_after_register(new@example.com) by system:test [v0]",
        ], ["UserCreated"];
        "create, without a password": |w| w.accounts.create(new_user(None), &cx()).await => "ok", writes, [
            "on_before_register(new@example.com None) [no row]",
            "on_before_commit(registered new@example.com) [open]",
            "on_after_register(new@example.com) [v0]",
        ], ["UserCreated"];
        "login_history": |w| w.accounts.login_history(&w.user(ADA).await).await => "ok", same, [], [];
        "get": |w| w.accounts.get(&w.user(ADA).await.id).await => "ok", same, [], [];
        "get_by_email": |w| w.accounts.get_by_email(&w.user(ADA).await.email).await => "ok", same, [], [];
        "get_by_username": |w| w.accounts.get_by_username(&Username::for_lookup("ada")).await => "ok", same, [], [];
        "inspect": |w| w.accounts.inspect(&ResetToken::from("token"), &cx()).await => "ok", same, [], [];
        "list_users": |w| w.accounts.list_users(&w.admin, ListQuery::default()).await => "ok", same, [], [];
        "search_users": |w| {
            let filter = UserFilter::default().email_prefix("ada").active(true);
            w.accounts.search_users(&w.admin, &filter, ListQuery::default()).await
        } => "ok", same, [], [];
        "check": |w| w.accounts.check() => "ok", same, [], [];
        "reload_settings": |w| w.accounts.reload_settings() => "ok", same, [], [];
        "ready": |w| w.accounts.ready().await.store => "ok", same, [], [];
        "shutdown": |w| {
            w.accounts.shutdown(Deadline::after(HOOK_TIMEOUT)).await;
            Ok::<_, usermgr::Fault>(())
        } => "ok", same, [], [];
        "delete": |w| w.accounts.delete(&w.user(ADA).await, &cx()).await => "ok", writes, [
            "on_before_delete(ada@example.com) [v0]",
            "on_before_commit(deleted ada@example.com) [open]",
            "on_after_delete(ada@example.com) [no row]",
        ], ["Deleted"];
        "delete_user": |w| w.accounts.delete_user(&w.admin, &w.user(ADA).await.id, &cx()).await => "ok", writes, [
            "on_before_delete(ada@example.com) by system:test [v0]",
            "on_before_commit(deleted ada@example.com) by system:test [open]",
            "on_after_delete(ada@example.com) by system:test [no row]",
        ], ["Deleted"];
        "revoke_user_sessions": |w| w.accounts.revoke_user_sessions(&w.admin, &w.user(ADA).await.id, &cx()).await
            => "ok", writes, [], ["SessionsRevoked"];
        "revoke_user_sessions, unknown id": |w| w.accounts.revoke_user_sessions(&w.admin, &Default::default(), &cx()).await
            => "there is no such session", same, [], [];
        "im5 impersonate": |w| {
            let admin = Admin::from_principal(&w.principal(ROOT).await).unwrap();
            w.accounts.impersonate(&admin, &w.user(ADA).await.id, &cx()).await
        } => "ok", same,
            ["on_after_impersonate(ada@example.com through bearer, 2 sessions) by user:root [v0]"], ["Impersonated"];
        "im1 impersonate, by the application itself": |w| w.accounts.impersonate(&w.admin, &w.user(ADA).await.id, &cx()).await
            => "the session has ended", same, [], [];
        "im1 impersonate, a superuser": |w| {
            let admin = Admin::from_principal(&w.principal(ROOT).await).unwrap();
            w.accounts.impersonate(&admin, &w.user(ROOT).await.id, &cx()).await
        } => "no one can act as this user", same, [], [];
        "im1 impersonate, inactive": |w| {
            let admin = Admin::from_principal(&w.principal(ROOT).await).unwrap();
            w.accounts.impersonate(&admin, &w.user(INA).await.id, &cx()).await
        } => "the user is not active", same, [], [];
        "im1 impersonate, unknown id": |w| {
            let admin = Admin::from_principal(&w.principal(ROOT).await).unwrap();
            w.accounts.impersonate(&admin, &Default::default(), &cx()).await
        } => "there is no such user", same, [], [];
        "m2 delete, last superuser": |w| w.accounts.delete(&w.user(ROOT).await, &cx()).await
            => "this is the last active superuser", same, ["on_before_delete(root@example.com) [v0]"], [];
        "reseal, nothing sealed": |w| w.accounts.reseal(&w.admin, &cx()).await => "ok", same, [], [];
        "delete_user, unknown id": |w| w.accounts.delete_user(&w.admin, &Default::default(), &cx()).await
            => "there is no such user", same, [], [];
    }
}

#[rustfmt::skip]
fn logins() -> Vec<Case> {
    table! {
        "authenticate": |w| w.accounts.authenticate(credentials(ADA, GOOD), &cx()).await => "ok", same, [], [];
        "authenticate, inactive": |w| w.accounts.authenticate(credentials(INA, GOOD), &cx()).await => "ok", same, [], [];
        "authenticate, wrong password": |w| w.accounts.authenticate(credentials(ADA, NEW), &cx()).await
            => "the credentials are not valid", same,
            ["on_after_failed_login(ada@example.com known WrongPassword) [v0]"], ["LoginFailed: wrong password"];
        "p9 authenticate, outdated hash": |w| w.accounts.authenticate(credentials(OLD, GOOD), &cx()).await => "ok", writes,
            ["on_after_rehash_password(old@example.com) [v1]"], ["PasswordRehashed"];
        "login": |w| login(w, ADA, GOOD).await => "ok", same, [
            "on_before_login(ada@example.com, 0 sessions) [v0]",
            "on_after_login(ada@example.com through bearer, 1 sessions) [v0]",
        ], ["LoggedIn"];
        "p9 login, outdated hash": |w| login(w, OLD, GOOD).await => "ok", writes, [
            "on_after_rehash_password(old@example.com) [v1]",
            "on_before_login(old@example.com, 0 sessions) [v1]",
            "on_after_login(old@example.com through bearer, 1 sessions) [v1]",
        ], ["PasswordRehashed", "LoggedIn"];
        "login, wrong password": |w| login(w, ADA, NEW).await => "the credentials are not valid", same,
            ["on_after_failed_login(ada@example.com known WrongPassword) [v0]"], ["LoginFailed: wrong password"];
        "login, unknown": |w| login(w, "nobody@example.com", GOOD).await => "the credentials are not valid", same,
            ["on_after_failed_login(nobody@example.com unknown UnknownAccount) [no row]"], ["LoginFailed: unknown account"];
        "login, no address": |w| login(w, "nowhere", GOOD).await => "the credentials are not valid", same,
            ["on_after_failed_login(nowhere unknown UnknownAccount) [no row]"], ["LoginFailed: unknown account"];
        "e1 login, inactive": |w| login(w, INA, GOOD).await => "the credentials are not valid", same,
            ["on_after_failed_login(ina@example.com known Inactive) [v0]"], ["LoginFailed: inactive"];
        "p7 login, password over the cap": |w| login(w, ADA, &"x".repeat(1025)).await => "the credentials are not valid", same,
            ["on_after_failed_login(ada@example.com unknown WrongPassword) [v0]"], ["LoginFailed: wrong password"];
        "l1 login, locked": |w| {
            for _ in 0..2 {
                let _ = login(w, ADA, NEW).await;
            }
            login(w, ADA, GOOD).await
        } => "too many attempts; try again in 30 s", same, [
            "on_after_failed_login(ada@example.com known WrongPassword) [v0]",
            "on_after_failed_login(ada@example.com known WrongPassword) [v0]",
            "on_after_lockout(ada@example.com known) [v0]",
        ], ["LoginFailed: wrong password", "LoginFailed: wrong password", "LockedOut"];
        "sign_in": |w| w.accounts.sign_in(&w.user(ADA).await, Method::FEDERATED.into(), "bearer", &cx()).await => "ok", same, [
            "on_before_login(ada@example.com, 0 sessions) [v0]",
            "on_after_login(ada@example.com through bearer, 1 sessions) [v0]",
        ], ["LoggedIn"];
        "sign_in, inactive": |w| w.accounts.sign_in(&w.user(INA).await, Method::FEDERATED.into(), "bearer", &cx()).await
            => "the credentials are not valid", same,
            ["on_after_failed_login(ina@example.com known Inactive) [v0]"], ["LoginFailed: inactive"];
        "finish_login, not pending": |w| w.accounts.finish_login(&"garbage".into(), &proof(), "bearer", &cx()).await
            => "the login is not pending: log in again", same, [], [];
        "pending_login, not pending": |w| w.accounts.pending_login(&"garbage".into(), "bearer").await
            => "the login is not pending: log in again", same, [], [];
        "finish_authentication, not pending": |w| w.accounts.finish_authentication(&"garbage".into(), &proof(), &cx()).await
            => "the login is not pending: log in again", same, [], [];
        "login, no such backend": |w| w.accounts.login(credentials(ADA, GOOD), "nothing", &cx()).await
            => "there is no such backend", same, [], [];
        "identify": |w| w.accounts.identify("bearer", "garbage").await => "ok", same, [], [];
        "logout": |w| { let principal = w.principal(ADA).await; w.accounts.logout(&principal, &cx()).await } => "ok", same,
            ["on_after_logout(ada@example.com through bearer, 0 sessions) [v0]"], ["LoggedOut"];
        "s6 revoke_session": |w| {
            let session = w.principal(ADA).await.session;
            w.accounts.revoke_session(&w.user(ADA).await, &session.id, &cx()).await
        } => "ok", same,
            ["on_after_revoke_session(ada@example.com through bearer, 0 left) [v0]"], ["SessionRevoked"];
        "s6 revoke_session, of another user": |w| {
            let session = w.principal(VERA).await.session;
            w.accounts.revoke_session(&w.user(ADA).await, &session.id, &cx()).await
        } => "there is no such session", same, [], [];
        "s6 revoke_all": |w| {
            w.refresh_token(ADA).await;
            w.accounts.revoke_all(&w.user(ADA).await, &cx()).await
        } => "ok", writes,
            ["on_after_revoke_session(ada@example.com through jwt, 0 left) [v1]"], ["SessionsRevoked", "SessionRevoked"];
        "s6 revoke_others": |w| {
            let session = w.principal(ADA).await.session;
            w.refresh_token(ADA).await;
            let user = w.user(ADA).await;
            let actor = Actor::User { id: user.id.to_string(), session };
            w.accounts.revoke_others(&user, &cx().actor(actor)).await
        } => "ok", writes,
            ["on_after_revoke_session(ada@example.com through jwt, 1 left) by user:ada [v1]"], ["SessionsRevoked", "SessionRevoked"];
        "sessions": |w| {
            w.refresh_token(ADA).await;
            w.accounts.sessions(&w.user(ADA).await, &cx()).await
        } => "ok", same, [], [];
        // The engine here has no provider; the library's own tests show what a link and its end call.
        "identities": |w| w.accounts.identities(&w.user(ADA).await, &cx()).await => "ok", same, [], [];
        "unlink_identity, no such one": |w| {
            w.accounts.unlink_identity(&w.user(ADA).await, &CredentialId::new("x"), &cx()).await
        } => "there is no such provider or identity", same, [], [];
        "provider_token, no such one": |w| {
            w.accounts.provider_token(&w.user(ADA).await, &CredentialId::new("x"), &cx()).await
        } => "there is no such provider or identity", same, [], [];
        // Nor a factor: the library's own tests show what they call.
        "factors": |w| w.accounts.factors(&w.user(ADA).await, &cx()).await => "ok", same, [], [];
        "rename_factor, no such one": |w| {
            w.accounts.rename_factor(&w.user(ADA).await, &CredentialId::new("x"), None, &cx()).await
        } => "there is no such factor", same, [], [];
        "remove_factor, no such one": |w| {
            w.accounts.remove_factor(&w.user(ADA).await, &CredentialId::new("x"), &cx()).await
        } => "there is no such factor", same, [], [];
        "remove_all_factors, none": |w| {
            let id = w.user(ADA).await.id;
            w.accounts.remove_all_factors(&Admin::system("test"), &id, &cx()).await
        } => "there is no such factor", same, [], [];
        "replace_recovery_codes, no factor": |w| {
            w.accounts.replace_recovery_codes(&w.user(ADA).await, &cx()).await
        } => "the user has no second factor", same, [], [];
        "begin_totp, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.begin_totp(&principal, &cx()).await
        } => "the engine has no factor of this kind", same, [], [];
        "confirm_totp, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.confirm_totp(&principal, &"garbage".into(), "123456", None, &cx()).await
        } => "no factor is being added: begin again", same, [], [];
        "confirm_identity, a wrong password": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.confirm_identity(&principal, StepUp::new().password("wrong"), &cx()).await
        } => "the credentials are not valid", same, [], ["ReauthenticationFailed"];
        "confirm_identity": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.confirm_identity(&principal, StepUp::new().password(GOOD), &cx()).await
        } => "ok", same, [], [];
        "step_up": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.step_up(&principal, StepUp::new().password(GOOD), &cx()).await
        } => "ok", same, [
            "on_before_login(ada@example.com, 1 sessions) [v0]",
            "on_after_login(ada@example.com through bearer, 2 sessions) [v0]",
        ], ["LoggedIn", "SteppedUp"];
        // Nor does it have passkeys.
        "passkeys, not installed": |w| w.accounts.passkeys(&w.user(ADA).await, &cx()).await
            => "the engine has no factor of this kind", same, [], [];
        "begin_passkey, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.begin_passkey(&principal, &cx()).await
        } => "the engine has no factor of this kind", same, [], [];
        "add_passkey, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.add_passkey(&principal, &"x".into(), &serde_json::Value::Null, None, &cx()).await
        } => "the engine has no factor of this kind", same, [], [];
        "begin_passkey_login, not installed": |w| w.accounts.begin_passkey_login("jwt", &cx()).await
            => "there is no such backend", same, [], [];
        "login_with_passkey, not installed": |w| {
            w.accounts.login_with_passkey(&"x".into(), &serde_json::Value::Null, "jwt", &cx()).await
        } => "there is no such backend", same, [], [];
        // Nor API keys. An account of a program needs none.
        "api_keys, not installed": |w| w.accounts.api_keys(&w.user(ADA).await, &cx()).await
            => "the engine has no API keys", same, [], [];
        "create_api_key, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.create_api_key(&principal, NewApiKey::new(["x"]), &cx()).await
        } => "the engine has no API keys", same, [], [];
        "rotate_api_key, not installed": |w| {
            let principal = w.principal(ADA).await;
            w.accounts.rotate_api_key(&principal, &CredentialId::new("x"), Duration::ZERO, &cx()).await
        } => "the engine has no API keys", same, [], [];
        "rename_api_key, not installed": |w| {
            w.accounts.rename_api_key(&w.user(ADA).await, &CredentialId::new("x"), None, &cx()).await
        } => "the engine has no API keys", same, [], [];
        "revoke_api_key, not installed": |w| {
            w.accounts.revoke_api_key(&w.user(ADA).await, &CredentialId::new("x"), &cx()).await
        } => "the engine has no API keys", same, [], [];
        "revoke_user_api_keys, not installed": |w| {
            let id = w.user(ADA).await.id;
            w.accounts.revoke_user_api_keys(&w.admin, &id, None, &cx()).await
        } => "the engine has no API keys", same, [], [];
        "create_service_api_key, not installed": |w| {
            let id = w.user(ADA).await.id;
            w.accounts.create_service_api_key(&w.admin, &id, NewApiKey::new(["x"]), &cx()).await
        } => "the engine has no API keys", same, [], [];
        "create_service_account": |w| {
            w.accounts.create_service_account(&Admin::system("test"), "robot", Card::default(), &cx()).await
        } => "ok", writes, [
            "on_before_register(robot@service.invalid None) by system:test [no row]",
            "on_before_commit(registered robot@service.invalid) by system:test [open]",
            "on_after_register(robot@service.invalid) by system:test [v0]",
        ], ["UserCreated"];
        "refresh": |w| w.accounts.refresh(&w.refresh_token(ADA).await, "jwt", &cx()).await => "ok", same, [], ["TokenRefreshed"];
        "refresh, no such token": |w| w.accounts.refresh(&"x".repeat(65).into(), "jwt", &cx()).await
            => "the token is not valid", same, [], ["RefreshFailed"];
        "refresh, a backend without": |w| w.accounts.refresh(&w.refresh_token(ADA).await, "bearer", &cx()).await
            => "there is no such backend with refresh tokens", same, [], [];
        "j8 refresh, a token that was used": |w| w.accounts.refresh(&w.used_token(ADA).await, "jwt", &cx()).await
            => "the token is not valid", same,
            ["on_after_token_theft(ada@example.com through jwt, 0 left) [v0]"], ["TokenTheft"];
    }
}

#[rustfmt::skip]
fn tokens() -> Vec<Case> {
    table! {
        "request_verify": |w| w.accounts.request_verify(&w.user(ADA).await, &cx()).await => "ok", same,
            ["on_after_request_verify(ada@example.com a token of 3 parts) [v0]"], ["VerificationRequested"];
        "request_verify_for": |w| {
            let asked = w.accounts.request_verify_for(&address(ADA), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same,
            ["on_after_request_verify(ada@example.com a token of 3 parts) [v0]"], ["VerificationRequested"];
        "request_verify_for, verified": |w| {
            let asked = w.accounts.request_verify_for(&address(VERA), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same, [], [];
        "request_verify, verified": |w| w.accounts.request_verify(&w.user(VERA).await, &cx()).await
            => "the user is already verified", same, [], [];
        "request_verify, inactive": |w| w.accounts.request_verify(&w.user(INA).await, &cx()).await
            => "the user is not active", same, [], [];
        "verify": |w| w.accounts.verify(&w.token::<Verify>(ADA).await, &cx()).await => "ok", writes, [
            "on_before_commit(verified ada@example.com true) [open]",
            "on_after_verify(ada@example.com true) [v1]",
        ], ["Verified"];
        "verify, garbage": |w| w.accounts.verify(&"garbage".into(), &cx()).await => "the token is not valid", same,
            [], ["VerificationFailed: the token is not valid"];
        "request_login": |w| {
            let asked = w.accounts.request_login(&address(ADA), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same,
            ["on_after_request_login(ada@example.com a token of 3 parts, a code of 8 digits) [v0]"], ["LoginRequested"];
        "request_login, unknown address": |w| {
            let asked = w.accounts.request_login(&address("nobody@example.com"), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same, [], [];
        "request_login, superuser": |w| {
            let asked = w.accounts.request_login(&address(ROOT), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same, [], [];
        "login_by_mail": |w| w.accounts.login_by_mail(&w.link(VERA).await, "bearer", &cx()).await => "ok", same, [
            "on_before_login(vera@example.com, 0 sessions) [v0]",
            "on_after_login(vera@example.com through bearer, 1 sessions) [v0]",
        ], ["LoggedIn"];
        "t16 login_by_mail, unverified": |w| w.accounts.login_by_mail(&w.link(ADA).await, "bearer", &cx()).await => "ok", writes, [
            "on_before_commit(claimed ada@example.com) [open]",
            "on_after_verify(ada@example.com true) [v1]",
            "on_before_login(ada@example.com, 0 sessions) [v1]",
            "on_after_login(ada@example.com through bearer, 1 sessions) [v1]",
        ], ["AccountClaimed: mail", "LoggedIn"];
        "invite": |w| w.accounts.invite(&w.admin, address("new@example.com"), Card::default(), &cx()).await => "ok", writes, [
            "on_before_register(new@example.com None) by system:test [no row]",
            "on_before_commit(registered new@example.com) by system:test [open]",
            "on_after_invite(new@example.com a token of 3 parts) by system:test [v0]",
        ], ["UserInvited"];
        "invite, taken": |w| w.accounts.invite(&w.admin, address(ADA), Card::default(), &cx()).await
            => "a user with this e-mail address already exists", same, [
            "on_before_register(ada@example.com None) by system:test [v0]",
        ], [];
        "invite_by": |w| {
            let inviter = w.principal(ADA).await;
            w.accounts.invite_by(&inviter, address("new@example.com"), Card::default(), &cx()).await
        } => "ok", writes, [
            "on_before_register(new@example.com None) by user:ada [no row]",
            "on_before_commit(registered new@example.com) by user:ada [open]",
            "on_after_invite(new@example.com a token of 3 parts) by user:ada [v0]",
        ], ["UserInvited"];
        "invitations": |w| w.accounts.invitations(&w.admin, ListQuery::default()).await => "ok", same, [], [];
        "resend_invitation": |w| w.accounts.resend_invitation(&w.admin, &w.user(IRIS).await.id, &cx()).await => "ok", writes,
            ["on_after_invite(iris@example.com a token of 3 parts) by system:test [v1]"], ["UserInvited"];
        "resend_invitation, not invited": |w| w.accounts.resend_invitation(&w.admin, &w.user(ADA).await.id, &cx()).await
            => "the user has no invitation", same, [], [];
        "withdraw_invitation": |w| w.accounts.withdraw_invitation(&w.admin, &w.user(IRIS).await.id, &cx()).await => "ok", writes, [
            "on_before_delete(iris@example.com) by system:test [v0]",
            "on_before_commit(deleted iris@example.com) by system:test [open]",
            "on_after_delete(iris@example.com) by system:test [no row]",
        ], ["Deleted", "InvitationWithdrawn"];
        "withdraw_invitation, not invited": |w| w.accounts.withdraw_invitation(&w.admin, &w.user(ADA).await.id, &cx()).await
            => "there is no such user", same, [], [];
        "accept_invitation": |w| {
            let profile = CardUpdate { nickname: Some(Some("Al".into())) };
            w.accounts.accept_invitation(&w.invitation(), NEW.into(), profile, &cx()).await
        } => "ok", writes, [
            "validate_password(iris@example.com) [v0]",
            "on_before_update(iris@example.com, password, verified false->true, nickname None->Some(\"Al\")) [v0]",
            "on_before_commit(accepted iris@example.com true) [open]",
            "on_after_accept_invitation(iris@example.com true) [v1]",
        ], ["InvitationAccepted: password"];
        "accept_invitation, weak": |w| {
            w.accounts.accept_invitation(&w.invitation(), WEAK.into(), CardUpdate { nickname: None }, &cx()).await
        } => "the password is refused: weak", same, ["validate_password(iris@example.com) [v0]"], [];
        "accept_invitation, garbage": |w| {
            w.accounts.accept_invitation(&"garbage".into(), NEW.into(), CardUpdate { nickname: None }, &cx()).await
        } => "the token is not valid", same, [], ["InvitationFailed"];
        "begin_invitation_passkey, without passkeys": |w| w.accounts.begin_invitation_passkey(&w.invitation(), &cx()).await
            => "the engine has no factor of this kind", same, [], [];
        "accept_invitation_with_passkey, without passkeys": |w| {
            let answer = serde_json::Value::Null;
            w.accounts.accept_invitation_with_passkey(&w.invitation(), &"x".into(), &answer, None, &cx()).await
        } => "the engine has no factor of this kind", same, [], [];
        "login_by_mail, garbage": |w| w.accounts.login_by_mail(&MailProof::link("garbage"), "bearer", &cx()).await
            => "the link is not valid", same, [], ["LoginFailed: wrong link"];
        "login_by_mail, wrong code": |w| {
            let wrong = MailProof::code(w.request(VERA).await, "wrong");
            w.accounts.login_by_mail(&wrong, "bearer", &cx()).await
        } => "the code is not valid", same,
            ["on_after_failed_login(vera@example.com known WrongMailCode) [v0]"], ["LoginFailed: wrong code"];
        "forgot_password": |w| w.accounts.forgot_password(&w.user(ADA).await, &cx()).await => "ok", same,
            ["on_after_forgot_password(ada@example.com a token of 3 parts) [v0]"], ["ResetRequested"];
        "request_reset_for": |w| {
            let asked = w.accounts.request_reset_for(&address(ADA), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same,
            ["on_after_forgot_password(ada@example.com a token of 3 parts) [v0]"], ["ResetRequested"];
        "request_reset_for, unknown address": |w| {
            let asked = w.accounts.request_reset_for(&address("nobody@example.com"), &cx()).await;
            w.settle().await;
            asked
        } => "ok", same, [], [];
        "forgot_password, inactive": |w| w.accounts.forgot_password(&w.user(INA).await, &cx()).await
            => "the user is not active", same, [], [];
        "reset_password": |w| w.accounts.reset_password(&w.token::<Reset>(ADA).await, NEW.into(), &cx()).await => "ok", writes, [
            "validate_password(ada@example.com) [v0]",
            "on_before_commit(password of ada@example.com) [open]",
            "on_after_reset_password(ada@example.com) [v1]",
        ], ["PasswordReset"];
        "reset_password, weak": |w| w.accounts.reset_password(&w.token::<Reset>(ADA).await, WEAK.into(), &cx()).await
            => "the password is refused: weak", same, ["validate_password(ada@example.com) [v0]"], [];
        "reset_password, garbage": |w| w.accounts.reset_password(&"garbage".into(), NEW.into(), &cx()).await
            => "the token is not valid", same, [], ["ResetFailed"];
        "change_password": |w| w.accounts.change_password(&w.user(ADA).await, GOOD.into(), NEW.into(), &cx()).await => "ok", writes, [
            "validate_password(ada@example.com) [v0]",
            "on_before_commit(password of ada@example.com) [open]",
            "on_after_change_password(ada@example.com) [v1]",
        ], ["PasswordChanged"];
        "change_password, wrong": |w| w.accounts.change_password(&w.user(ADA).await, NEW.into(), NEW.into(), &cx()).await
            => "the current password is wrong", same, [], ["ReauthenticationFailed"];
        "change_password, weak": |w| w.accounts.change_password(&w.user(ADA).await, GOOD.into(), WEAK.into(), &cx()).await
            => "the password is refused: weak", same, ["validate_password(ada@example.com) [v0]"], [];
        "request_email_change": |w| w.accounts.request_email_change(&w.user(ADA).await, &address("new@example.com"), &system()).await
            => "ok", same, [
            "on_before_update(ada@example.com, email ada@example.com->new@example.com, verified false->true) by system:test [v0]",
            "on_after_request_email_change(ada@example.com to new@example.com a token of 3 parts) by system:test [v0]",
        ], ["EmailChangeRequested"];
        "request_email_change, taken": |w| w.accounts.request_email_change(&w.user(ADA).await, &address("VERA@example.com"), &system()).await
            => "a user with this e-mail address already exists", same,
            ["on_before_update(ada@example.com, email ada@example.com->VERA@example.com, verified false->true) by system:test [v0]"], [];
        "request_email_change_discreetly": |w| {
            let asked = w.accounts.request_email_change_discreetly(&w.user(ADA).await, &address("new@example.com"), &system()).await;
            w.settle().await;
            asked
        } => "ok", same, [
            "on_before_update(ada@example.com, email ada@example.com->new@example.com, verified false->true) by system:test [v0]",
            "on_after_request_email_change(ada@example.com to new@example.com a token of 3 parts) by system:test [v0]",
        ], ["EmailChangeRequested"];
        "request_email_change_discreetly, taken": |w| {
            let asked = w.accounts.request_email_change_discreetly(&w.user(ADA).await, &address(VERA), &system()).await;
            w.settle().await;
            asked
        } => "ok", same,
            ["on_before_update(ada@example.com, email ada@example.com->vera@example.com, verified false->true) by system:test [v0]"], [];
        "request_email_change, inactive": |w| w.accounts.request_email_change(&w.user(INA).await, &address("new@example.com"), &system()).await
            => "there is no such active user", same, [], [];
        "p14 request_email_change, without proof": |w| w.accounts.request_email_change(&w.user(ADA).await, &address("new@example.com"), &cx()).await
            => "a recent login is needed", same, [], [];
        "confirm_email_change": |w| w.accounts.confirm_email_change(&w.token::<ChangeEmail>(ADA).await, &cx()).await => "ok", writes, [
            "on_before_update(ada@example.com, email ada@example.com->new@example.com, verified false->true) [v0]",
            "on_before_commit(ada@example.com to new@example.com) [open]",
            "on_after_update(new@example.com, email ada@example.com->new@example.com, verified false->true) [v1]",
            "on_after_change_email(ada@example.com to new@example.com) [v1]",
        ], ["Updated: email, is_verified", "EmailChanged"];
        "confirm_email_change, garbage": |w| w.accounts.confirm_email_change(&"garbage".into(), &cx()).await
            => "the token is not valid", same, [], ["EmailChangeFailed"];
    }
}

#[rustfmt::skip]
fn changes() -> Vec<Case> {
    table! {
        "update, nothing": |w| w.accounts.update(&w.user(ADA).await, nothing(), &cx()).await => "ok", same, [], [];
        "update, own address": |w| w.accounts.update(&w.user(ADA).await, to_email(ADA), &cx()).await => "ok", same, [], [];
        "update, address": |w| w.accounts.update(&w.user(VERA).await, to_email("new@example.com"), &system()).await => "ok", writes, [
            "on_before_update(vera@example.com, email vera@example.com->new@example.com, verified true->false) by system:test [v0]",
            "on_before_commit(updated new@example.com, email vera@example.com->new@example.com, verified true->false) by system:test [open]",
            "on_after_update(new@example.com, email vera@example.com->new@example.com, verified true->false) by system:test [v1]",
            "on_after_change_email(vera@example.com to new@example.com) by system:test [v1]",
        ], ["Updated: email, is_verified", "EmailChanged"];
        "update, password": |w| w.accounts.update(&w.user(ADA).await, to_password(NEW), &system()).await => "ok", writes, [
            "validate_password(ada@example.com) by system:test [v0]",
            "on_before_update(ada@example.com, password) by system:test [v0]",
            "on_before_commit(updated ada@example.com, password) by system:test [open]",
            "on_after_update(ada@example.com, password) by system:test [v1]",
            "on_after_change_password(ada@example.com) by system:test [v1]",
        ], ["Updated: password", "PasswordChanged"];
        "update, user name": |w| w.accounts.update(&w.user(ADA).await, nothing().username("Ada"), &system()).await => "ok", writes, [
            "on_before_update(ada@example.com, user name none->Ada) by system:test [v0]",
            "on_before_commit(updated ada@example.com, user name none->Ada) by system:test [open]",
            "on_after_update(ada@example.com, user name none->Ada) by system:test [v1]",
            "on_after_change_username(ada@example.com) by system:test [v1]",
        ], ["Updated: username", "UsernameChanged"];
        "update, reserved user name": |w| w.accounts.update(&w.user(ADA).await, nothing().username("admin"), &system()).await
            => "the user name is reserved", same, [], [];
        "update, profile": |w| {
            let profile = CardUpdate { nickname: Some(Some("Al".into())) };
            w.accounts.update(&w.user(ADA).await, UpdateMe::with_profile(profile), &cx()).await
        } => "ok", writes, [
            "on_before_update(ada@example.com, nickname None->Some(\"Al\")) [v0]",
            "on_before_commit(updated ada@example.com, nickname None->Some(\"Al\")) [open]",
            "on_after_update(ada@example.com, nickname None->Some(\"Al\")) [v1]",
        ], ["Updated: profile"];
        "update, taken address": |w| w.accounts.update(&w.user(ADA).await, to_email(VERA), &system()).await
            => "a user with this e-mail address already exists", same,
            ["on_before_update(ada@example.com, email ada@example.com->vera@example.com) by system:test [v0]"], [];
        "update, weak password": |w| w.accounts.update(&w.user(ADA).await, to_password(WEAK), &system()).await
            => "the password is refused: weak", same, ["validate_password(ada@example.com) by system:test [v0]"], [];
        "p14 update, without proof": |w| w.accounts.update(&w.user(ADA).await, to_password(NEW), &cx()).await
            => "a recent login or the current password is needed", same, [], [];
        "p14 update, wrong proof": |w| {
            let update = to_password(NEW).current_password(NEW);
            w.accounts.update(&w.user(ADA).await, update, &system()).await
        } => "a recent login or the current password is needed", same, [], ["ReauthenticationFailed"];
        "update_proving_email": |w| {
            let updated = w.accounts.update_proving_email(&w.user(ADA).await, to_email("new@example.com"), &system()).await;
            w.settle().await;
            updated
        } => "ok", same, [
            "on_before_update(ada@example.com, email ada@example.com->new@example.com) by system:test [v0]",
            "on_after_request_email_change(ada@example.com to new@example.com a token of 3 parts) by system:test [v0]",
        ], ["EmailChangeRequested"];
        "update_profile": |w| {
            let change = |card: &mut Card| card.nickname = Some("Al".into());
            w.accounts.update_profile(&w.admin, &w.user(ADA).await.id, change, &cx()).await
        } => "ok", writes, [
            "on_before_update(ada@example.com, nickname None->Some(\"Al\")) by system:test [v0]",
            "on_before_commit(updated ada@example.com, nickname None->Some(\"Al\")) by system:test [open]",
            "on_after_update(ada@example.com, nickname None->Some(\"Al\")) by system:test [v1]",
        ], ["Updated: profile"];
        "update_user": |w| w.accounts.update_user(&w.admin, &w.user(ADA).await.id, everything(), &cx()).await => "ok", writes, [
            "validate_password(ada@example.com) by system:test [v0]",
            "on_before_update(ada@example.com, email ada@example.com->new@example.com, password, active true->false, superuser false->true, verified false->true, nickname None->Some(\"Al\")) by system:test [v0]",
            "on_before_commit(updated new@example.com, email ada@example.com->new@example.com, password, active true->false, superuser false->true, verified false->true, nickname None->Some(\"Al\")) by system:test [open]",
            "on_after_update(new@example.com, email ada@example.com->new@example.com, password, active true->false, superuser false->true, verified false->true, nickname None->Some(\"Al\")) by system:test [v1]",
            "on_after_change_password(new@example.com) by system:test [v1]",
            "on_after_change_email(ada@example.com to new@example.com) by system:test [v1]",
        ], ["Updated: email, password, is_active, is_superuser, is_verified, profile", "PasswordChanged", "EmailChanged"];
        "update_user, unknown id": |w| w.accounts.update_user(&w.admin, &Default::default(), everything(), &cx()).await
            => "there is no such user", same, [], [];
        "set_active": |w| w.accounts.set_active(&w.admin, &w.user(INA).await.id, true, &cx()).await => "ok", writes, [
            "on_before_update(ina@example.com, active false->true) by system:test [v0]",
            "on_before_commit(updated ina@example.com, active false->true) by system:test [open]",
            "on_after_update(ina@example.com, active false->true) by system:test [v1]",
        ], ["Updated: is_active"];
        "m2 set_active, last superuser": |w| w.accounts.set_active(&w.admin, &w.user(ROOT).await.id, false, &cx()).await
            => "this is the last active superuser", same,
            ["on_before_update(root@example.com, active true->false) by system:test [v0]"], [];
        "set_superuser": |w| w.accounts.set_superuser(&w.admin, &w.user(ADA).await.id, true, &cx()).await => "ok", writes, [
            "on_before_update(ada@example.com, superuser false->true) by system:test [v0]",
            "on_before_commit(updated ada@example.com, superuser false->true) by system:test [open]",
            "on_after_update(ada@example.com, superuser false->true) by system:test [v1]",
        ], ["Updated: is_superuser"];
        "m2 set_superuser, last superuser": |w| w.accounts.set_superuser(&w.admin, &w.user(ROOT).await.id, false, &cx()).await
            => "this is the last active superuser", same,
            ["on_before_update(root@example.com, superuser true->false) by system:test [v0]"], [];
    }
}

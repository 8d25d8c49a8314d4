//! A world with a superuser who invites Ada, whose mails are read where the hook would send them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Limits, SqliteStore,
    engine::EngineBuilder,
    invitations::{AcceptInvitationError, Invitation},
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::{CredentialStore, Directory, ListQuery, OutboxStore, SessionStore},
    testing::{FakeClock, Probe},
    token,
};

pub(super) const ADA: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "correct horse battery";
/// How many tasks race.
pub(super) const RIVALS: usize = 32;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Profile)]
pub(super) struct Member {
    pub(super) nickname: Option<String>,
    #[profile(server)]
    pub(super) plan: String,
}

pub(super) fn nickname(text: &str) -> MemberUpdate {
    MemberUpdate { nickname: Some(Some(text.to_owned())) }
}

pub(super) fn unchanged() -> MemberUpdate {
    MemberUpdate { nickname: None }
}

/// What the tests ask of a store.
pub(super) trait TestStore:
    SessionStore<Profile = Member, Id = Uuid> + Directory + CredentialStore + OutboxStore + 'static
{
}

impl<S> TestStore for S where
    S: SessionStore<Profile = Member, Id = Uuid> + Directory + CredentialStore + OutboxStore + 'static
{
}

pub(super) struct Accounts<S> {
    pub(super) engine: Engine<S>,
    pub(super) probe: Probe,
    /// The hooks that were called, with the address of the user.
    pub(super) heard: std::sync::Mutex<Vec<String>>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: TestStore> Accounts<S> {
    async fn on_before_update(&self, _: &User<Member>, changes: &Changes<Member>) -> Result<(), Rejection> {
        let wanted = changes.profile.as_ref().and_then(|profile| profile.new.nickname.clone());
        if wanted.as_deref() == Some("root") { Err(Rejection::new("NO_ROOT").status(409)) } else { Ok(()) }
    }

    async fn on_before_commit(&self, change: &UserChange<'_, Member>, _: &mut Tx<S>) -> Result<(), Rejection> {
        let name = match change {
            UserChange::Registered(_) => "registered",
            UserChange::InvitationAccepted(_) => "accepted",
            UserChange::Deleted(_) => "deleted",
            _ => "changed",
        };
        self.hear(name, change.user());
        Ok(())
    }

    async fn on_after_register(&self, user: &User<Member>) {
        self.hear("on_after_register", user);
    }

    async fn on_after_invite(&self, user: &User<Member>, token: &InvitationToken) {
        self.hear("on_after_invite", user);
        self.probe.keep(&user.email, token);
    }

    async fn on_after_accept_invitation(&self, user: &User<Member>) {
        self.hear("on_after_accept_invitation", user);
    }

    async fn on_after_request_login(&self, user: &User<Member>, mail: &LoginMail) {
        mail.code.iter().for_each(|code| self.probe.keep(&user.email, code));
    }

    async fn on_after_request_verify(&self, user: &User<Member>, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User<Member>, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    #[helper]
    fn hear(&self, what: &str, user: &User<Member>) {
        self.heard.lock().unwrap().push(format!("{what} {}", user.email));
    }
}

pub(super) struct World<S> {
    pub(super) accounts: Arc<Accounts<S>>,
    pub(super) clock: FakeClock,
    pub(super) probe: Probe,
    pub(super) admin: Admin,
}

pub(super) fn cx() -> Context {
    Context::default()
}

pub(super) fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

impl<S: TestStore> World<S> {
    pub(super) fn with(store: S, set: impl FnOnce(EngineBuilder<S>) -> EngineBuilder<S>) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(Invitations::new());
        let engine = set(engine).build().unwrap();
        let accounts = Arc::new(Accounts { engine, probe: probe.clone(), heard: std::sync::Mutex::default() });
        accounts.check().unwrap();
        Self { accounts, clock, probe, admin: Admin::system("test") }
    }

    /// A world without limits.
    pub(super) fn open(store: S) -> Self {
        Self::with(store, |engine| engine.limits(Limits::dangerous_none()))
    }

    pub(super) async fn add(&self, email: &str, set: impl FnOnce(NewUser<Member>) -> NewUser<Member>) -> User<Member> {
        let new = NewUser::new(address(email), Member::default()).password(PASSWORD).verified(true);
        self.accounts.create(set(new), &Context::system("test")).await.unwrap()
    }

    pub(super) async fn invite(&self) -> Invitation {
        self.accounts.invite(&self.admin, address(ADA), Member::default(), &cx()).await.unwrap()
    }

    /// The token of the last mail to an address.
    pub(super) fn token_of(&self, email: &str) -> InvitationToken {
        self.probe.token::<token::Invitation>(email).unwrap()
    }

    pub(super) fn token(&self) -> InvitationToken {
        self.token_of(ADA)
    }

    pub(super) async fn accept(&self, token: &InvitationToken) -> Result<User<Member>, AcceptInvitationError> {
        self.accounts.accept_invitation(token, PASSWORD.into(), unchanged(), &cx()).await
    }

    pub(super) async fn login(&self, email: &str) -> bool {
        self.accounts.login(Credentials::new(email, PASSWORD), "bearer", &cx()).await.is_ok()
    }

    pub(super) async fn ada(&self) -> Option<User<Member>> {
        self.accounts.get_by_email(&address(ADA)).await.unwrap()
    }

    pub(super) async fn list(&self) -> Vec<Invitation> {
        self.accounts.invitations(&self.admin, ListQuery::default()).await.unwrap().invitations
    }

    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.accounts.heard.lock().unwrap())
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// A database in a file, which is removed with this.
pub(super) struct File(PathBuf);

impl File {
    pub(super) async fn open() -> (Self, SqliteStore<Member>) {
        let path = std::env::temp_dir().join(format!("usermgr-invitations-{}", Uuid::now_v7()));
        let store = SqliteStore::open(&path).await.unwrap();
        (Self(path), store)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

/// Runs a test over memory and over SQLite.
macro_rules! over_both {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread")]
            async fn memory() {
                super::$test($crate::MemoryStore::default()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                let (_file, store) = super::super::rig::File::open().await;
                super::$test(store).await;
            }
        }
    )*};
}

pub(super) use over_both;

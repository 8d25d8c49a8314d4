//! A world with one user, whose mails are read where the hook would send them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{
    Limits, LoggedIn, LoginError, SqliteStore,
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    error::Fault,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Amr, Method},
    store::{CredentialKind, CredentialStore, NewCredential, OutboxStore, SessionStore},
    testing::{FakeClock, Probe},
    token::{LoginCode, LoginRequestToken, MagicLink, MailCode},
};

pub(super) const ADA: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const BADGE: CredentialKind = CredentialKind::new("test:badge");
/// How many tasks race.
pub(super) const RIVALS: usize = 32;

/// What the tests ask of a store.
pub(super) trait TestStore:
    SessionStore<Profile = NoProfile, Id = uuid::Uuid> + CredentialStore + OutboxStore + 'static
{
}

impl<S: SessionStore<Profile = NoProfile, Id = uuid::Uuid> + CredentialStore + OutboxStore + 'static> TestStore for S {}

/// A second factor that proves this method.
pub(super) struct Badges(pub(super) Method);

impl<S: CredentialStore> Part<S> for Badges {
    fn name(&self) -> &'static str {
        "test:badge"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait]
impl<S> Factor<S> for Badges {
    fn kind(&self) -> CredentialKind {
        BADGE
    }

    fn methods(&self) -> Amr {
        self.0.clone().into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&BADGE).any(|badge| badge.data == proof.answer()))
    }
}

pub(super) struct Accounts<S> {
    pub(super) engine: Engine<S>,
    pub(super) probe: Probe,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: TestStore> Accounts<S> {
    async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {
        mail.link_token.iter().for_each(|token| self.probe.keep(&user.email, token));
        mail.code.iter().for_each(|code| self.probe.keep(&user.email, code));
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }
}

pub(super) struct World<S> {
    pub(super) accounts: Arc<Accounts<S>>,
    pub(super) clock: FakeClock,
    pub(super) probe: Probe,
}

pub(super) fn cx() -> Context {
    Context::default()
}

/// A client in a network.
pub(super) fn at(last: u8) -> Context {
    cx().ip([192, 0, 2, last].into())
}

pub(super) fn address(email: &str) -> EmailAddress {
    EmailAddress::for_lookup(email)
}

impl<S: TestStore> World<S> {
    pub(super) fn with(store: S, part: MailLogin, set: impl FnOnce(EngineBuilder<S>) -> EngineBuilder<S>) -> Self {
        let (clock, probe) = (FakeClock::start(), Probe::default());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(part);
        let accounts = Arc::new(Accounts { engine: set(engine).build().unwrap(), probe: probe.clone() });
        accounts.check().unwrap();
        Self { accounts, clock, probe }
    }

    /// A world with Ada, whose address is verified.
    pub(super) async fn open(store: S) -> Self {
        let world = Self::with(store, MailLogin::new(), |engine| engine.limits(Limits::dangerous_none()));
        world.add(ADA, |new| new.verified(true)).await;
        world
    }

    pub(super) async fn add(&self, email: &str, set: impl FnOnce(NewUser) -> NewUser) -> User {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
        self.accounts.create(set(new), &Context::system("test")).await.unwrap()
    }

    /// Gives a user a badge.
    pub(super) async fn give_badge(&self, user: &User) {
        let store = self.accounts.engine.store();
        let mut tx = store.begin().await.unwrap();
        let badge = NewCredential::new(user.id, BADGE, "1815", self.accounts.engine.now());
        store.insert_credential(&mut tx, &badge).await.unwrap();
        store.commit(tx).await.unwrap();
    }

    /// Requests a mail, and waits until it is sent.
    pub(super) async fn ask(&self, email: &str) -> LoginRequestToken {
        let request = self.accounts.request_login(&address(email), &cx()).await.unwrap();
        self.accounts.engine.settle().await;
        request
    }

    pub(super) fn link(&self, email: &str) -> Option<MagicLinkToken> {
        self.probe.token::<MagicLink>(email)
    }

    pub(super) fn code(&self, email: &str) -> Option<LoginCode> {
        self.probe.token::<MailCode>(email)
    }

    pub(super) async fn enter(&self, proof: &MailProof) -> Result<LoggedIn<S>, LoginError> {
        self.accounts.login_by_mail(proof, "bearer", &cx()).await
    }

    /// Requests a mail, and gives the proof of its link.
    pub(super) async fn link_proof(&self) -> MailProof {
        self.ask(ADA).await;
        MailProof::link(self.link(ADA).unwrap())
    }

    /// Requests a mail, and gives the proof of its code.
    pub(super) async fn code_proof(&self) -> MailProof {
        let request = self.ask(ADA).await;
        MailProof::code(request, self.code(ADA).unwrap())
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets tasks use a proof at the same time. Returns how many of them got in.
    pub(super) async fn race(&self, proof: &MailProof) -> usize {
        let barrier = Arc::new(tokio::sync::Barrier::new(RIVALS));
        let rivals: Vec<_> = (0..RIVALS)
            .map(|_| {
                let (accounts, proof, barrier) = (self.accounts.clone(), proof.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    match accounts.login_by_mail(&proof, "bearer", &cx()).await {
                        Ok(_) => true,
                        Err(LoginError::BadToken | LoginError::BadCode) => false,
                        Err(error) => panic!("a race is never lost because something broke: {error:?}"),
                    }
                })
            })
            .collect();
        let mut won = 0;
        for rival in rivals {
            won += usize::from(rival.await.unwrap());
        }
        won
    }
}

/// A database in a file, which is removed with this.
pub(super) struct File(PathBuf);

impl File {
    pub(super) async fn open() -> (Self, SqliteStore) {
        let path = std::env::temp_dir().join(format!("usermgr-mail-login-{}", uuid::Uuid::now_v7()));
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
                super::$test($crate::MemoryStore::new()).await;
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

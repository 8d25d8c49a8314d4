//! A manager that records every hook, over a store with one account of each kind.

use std::{
    collections::HashMap,
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use usermgr::{
    Fault, Limits, StoreError,
    audit::Event,
    limits::Limit,
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Authenticated, Issued, JwtWithRefresh, Origin, Principal, Strategy, StrategyContext},
    store::{Directory, ListQuery, Lookup, SessionStore},
    testing::Probe,
    token::{LoginRequestToken, Purpose, RefreshToken, Token},
    user::{Record, Stamp, Username},
};

pub(crate) const GOOD: &str = "correct horse battery";
pub(crate) const NEW: &str = "another long enough one";
/// What the recording manager's policy refuses.
pub(crate) const WEAK: &str = "weak";
pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(7);

/// The accounts of every world: plain,
pub(crate) const ADA: &str = "ada@example.com";
/// verified,
pub(crate) const VERA: &str = "vera@example.com";
/// inactive,
pub(crate) const INA: &str = "ina@example.com";
/// with a hash of other parameters,
pub(crate) const OLD: &str = "old@example.com";
/// the one superuser,
pub(crate) const ROOT: &str = "root@example.com";
/// and one who was invited.
pub(crate) const IRIS: &str = "iris@example.com";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Profile)]
pub(crate) struct Card {
    pub(crate) nickname: Option<String>,
}

pub(crate) type Store = MemoryStore<Card>;

/// What a hook does when it is its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Pass,
    Fail,
    Panic,
    Hang,
}

/// What was recorded, and what hooks must do.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    lines: Vec<String>,
    behaviours: HashMap<&'static str, Behaviour>,
    sessions: i32,
}

impl Journal {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().lines.clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().lines.clear();
    }

    pub(crate) fn set(&self, hook: &'static str, behaviour: Behaviour) {
        self.0.lock().unwrap().behaviours.insert(hook, behaviour);
    }

    fn sessions(&self) -> i32 {
        self.0.lock().unwrap().sessions
    }

    fn count_sessions(&self, change: i32) {
        self.0.lock().unwrap().sessions += change;
    }
}

/// Sessions in the store, counted.
struct Counted(Database, Journal);

#[async_trait]
impl Strategy<Store> for Counted {
    async fn issue(
        &self,
        cx: &StrategyContext<'_, Store>,
        who: &Authenticated<Store>,
        origin: Origin<'_>,
    ) -> Result<Issued, Fault> {
        let issued = self.0.issue(cx, who, origin).await;
        self.1.count_sessions(1);
        issued
    }

    fn keeps_actors(&self) -> bool {
        true
    }

    async fn read(&self, cx: &StrategyContext<'_, Store>, token: &str) -> Result<Option<Principal<Store>>, Fault> {
        self.0.read(cx, token).await
    }

    async fn end(&self, cx: &StrategyContext<'_, Store>, principal: &Principal<Store>) -> Result<(), Fault> {
        self.1.count_sessions(-1);
        self.0.end(cx, principal).await
    }

    async fn restamp(
        &self,
        store: &Store,
        tx: &mut <Store as UserStore>::Tx,
        session: &SessionInfo,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        self.0.restamp(store, tx, session, stamp).await
    }

    async fn holds(
        &self,
        store: &Store,
        tx: &mut <Store as UserStore>::Tx,
        session: &SessionInfo,
        record: &Record<Card>,
        now: jiff::Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.holds(store, tx, session, record, now).await
    }
}

pub(crate) struct Accounts {
    engine: Engine<Store>,
    journal: Journal,
}

impl Accounts {
    /// Records the hook, its arguments, the actor and the present row of the address in the store. Then it behaves as set.
    async fn step(&self, hook: &'static str, given: &str, email: &EmailAddress, cx: &Context) -> Behaviour {
        // With a transaction open, the store would let this wait, and the hook would time out.
        let row = self.engine.store().find(Lookup::Email(email)).await.unwrap();
        let row = row.map_or("no row".to_owned(), |record| format!("v{}", record.version));
        self.note(hook, given, &row, cx).await
    }

    async fn note(&self, hook: &'static str, given: &str, row: &str, cx: &Context) -> Behaviour {
        let actor = cx.actor.as_ref().map(|actor| format!(" by {actor}")).unwrap_or_default();
        let behaviour = {
            let mut kept = self.journal.0.lock().unwrap();
            kept.lines.push(format!("{hook}({given}){actor} [{row}]"));
            kept.behaviours.get(hook).copied().unwrap_or(Behaviour::Pass)
        };
        match behaviour {
            Behaviour::Panic => panic!("as the test wants"),
            Behaviour::Hang => pending().await,
            other => other,
        }
    }

    async fn gate(&self, hook: &'static str, given: &str, email: &EmailAddress, cx: &Context) -> Result<(), Rejection> {
        match self.step(hook, given, email, cx).await {
            Behaviour::Fail => Err(Rejection::new("NO").reason("because").status(409)),
            _ => Ok(()),
        }
    }

    async fn after(
        &self,
        hook: &'static str,
        given: &str,
        email: &EmailAddress,
        cx: &Context,
    ) -> Result<(), HookError> {
        match self.step(hook, given, email, cx).await {
            Behaviour::Fail => Err(HookError::new("broken")),
            _ => Ok(()),
        }
    }
}

/// The changed fields with their old and new values.
fn changes_text(changes: &Changes<Card>) -> String {
    let mut parts = Vec::new();
    if let Some(Change { old, new, .. }) = &changes.email {
        parts.push(format!("email {old}->{new}"));
    }
    if let Some(Change { old, new, .. }) = &changes.username {
        let shown = |name: &Option<Username>| name.as_ref().map_or("none".to_owned(), ToString::to_string);
        parts.push(format!("user name {}->{}", shown(old), shown(new)));
    }
    parts.extend(changes.password.then(|| "password".to_owned()));
    for (name, flag) in
        [("active", &changes.is_active), ("superuser", &changes.is_superuser), ("verified", &changes.is_verified)]
    {
        parts.extend(flag.as_ref().map(|change| format!("{name} {}->{}", change.old, change.new)));
    }
    if let Some(Change { old, new, .. }) = &changes.profile {
        parts.push(format!("nickname {:?}->{:?}", old.nickname, new.nickname));
    }
    parts.join(", ")
}

#[user_manager(store = MemoryStore<Card>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_, Card>,
        cx: &Context,
    ) -> Result<(), InvalidPassword> {
        let given = match subject {
            PasswordSubject::New(draft) => format!("new {} {:?}", draft.email(), draft.profile.nickname),
            existing => existing.email().to_string(),
        };
        match self.step("validate_password", &given, subject.email(), cx).await {
            Behaviour::Fail => Err(InvalidPassword::new("NO")),
            _ if password.expose() == WEAK => Err(InvalidPassword::new("weak")),
            _ => Ok(()),
        }
    }

    async fn on_before_register(&self, draft: &mut Draft<Card>, cx: &Context) -> Result<(), Rejection> {
        let given = format!("{} {:?}", draft.email(), draft.profile.nickname);
        self.gate("on_before_register", &given, draft.email(), cx).await
    }

    async fn on_before_login(&self, user: &User<Card>, cx: &Context) -> Result<(), Rejection> {
        let given = format!("{}, {} sessions", user.email, self.journal.sessions());
        self.gate("on_before_login", &given, &user.email, cx).await
    }

    async fn on_before_update(
        &self,
        user: &User<Card>,
        changes: &Changes<Card>,
        cx: &Context,
    ) -> Result<(), Rejection> {
        self.gate("on_before_update", &format!("{}, {}", user.email, changes_text(changes)), &user.email, cx).await
    }

    async fn on_before_delete(&self, user: &User<Card>, cx: &Context) -> Result<(), Rejection> {
        self.gate("on_before_delete", user.email.as_str(), &user.email, cx).await
    }

    async fn on_before_commit(
        &self,
        change: &UserChange<'_, Card>,
        tx: &mut Tx<Store>,
        cx: &Context,
    ) -> Result<(), Rejection> {
        let given = match change {
            UserChange::Registered(user) => format!("registered {}", user.email),
            UserChange::Updated { user, changes } => format!("updated {}, {}", user.email, changes_text(changes)),
            UserChange::Verified(user) => format!("verified {} {}", user.email, user.is_verified),
            UserChange::PasswordChanged(user) => format!("password of {}", user.email),
            UserChange::EmailChanged { user, old } => format!("{old} to {}", user.email),
            UserChange::Claimed(user) => format!("claimed {}", user.email),
            UserChange::InvitationAccepted(user) => format!("accepted {} {}", user.email, user.is_verified),
            UserChange::Deleted(user) => format!("deleted {}", user.email),
            other => panic!("{other:?} is new"),
        };
        // The transaction sees the row as it will be. Any other reader would wait for it.
        let seen = self.engine.store().lock_and_count_superusers(tx).await.map(|_| "open").unwrap();
        match self.note("on_before_commit", &given, seen, cx).await {
            Behaviour::Fail => Err(Rejection::new("NO").reason("because").status(409)),
            _ => Ok(()),
        }
    }

    async fn on_after_register(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_register", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_duplicate_register(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_duplicate_register", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_login(&self, user: &User<Card>, login: &mut Login, cx: &Context) -> Result<(), HookError> {
        login.header("x-greeting", "hello");
        login.field("greeting", "hello");
        // The token stays the same, whatever a hook writes.
        login.field("access_token", "stolen");
        let given = format!("{} through {}, {} sessions", user.email, login.session.backend, self.journal.sessions());
        self.after("on_after_login", &given, &user.email, cx).await
    }

    async fn on_after_failed_login(&self, failed: &FailedLogin, cx: &Context) -> Result<(), HookError> {
        let whose = if failed.user.is_some() { "known" } else { "unknown" };
        let given = format!("{} {whose} {:?}", failed.username, failed.reason);
        let email = EmailAddress::parse(&failed.username).unwrap_or(EmailAddress::parse("none@example.com")?);
        self.after("on_after_failed_login", &given, &email, cx).await
    }

    async fn on_after_lockout(&self, lockout: &Lockout, cx: &Context) -> Result<(), HookError> {
        let email = EmailAddress::parse(&lockout.username).unwrap();
        let whose = if lockout.user.is_some() { "known" } else { "unknown" };
        self.after("on_after_lockout", &format!("{email} {whose}"), &email, cx).await
    }

    async fn on_after_impersonate(
        &self,
        user: &User<Card>,
        session: &SessionInfo,
        cx: &Context,
    ) -> Result<(), HookError> {
        let actor = session.actor.as_ref().map(|actor| format!("user:{}", actor.id));
        assert_eq!(actor, cx.actor.as_ref().map(ToString::to_string));
        let given = format!("{} through {}, {} sessions", user.email, session.backend, self.journal.sessions());
        self.after("on_after_impersonate", &given, &user.email, cx).await
    }

    async fn on_after_logout(&self, user: &User<Card>, session: &SessionInfo, cx: &Context) -> Result<(), HookError> {
        let given = format!("{} through {}, {} sessions", user.email, session.backend, self.journal.sessions());
        self.after("on_after_logout", &given, &user.email, cx).await
    }

    async fn on_after_revoke_session(
        &self,
        user: &User<Card>,
        session: &SessionInfo,
        cx: &Context,
    ) -> Result<(), HookError> {
        let left = self.engine.store().list_sessions(&user.id).await?.len();
        let given = format!("{} through {}, {left} left", user.email, session.backend);
        self.after("on_after_revoke_session", &given, &user.email, cx).await
    }

    async fn on_after_token_theft(&self, user: &User<Card>, theft: &TokenTheft, cx: &Context) -> Result<(), HookError> {
        let left = self.engine.store().list_sessions(&user.id).await?.len();
        let given = format!("{} through {}, {left} left", user.email, theft.session.backend);
        self.after("on_after_token_theft", &given, &user.email, cx).await
    }

    async fn on_after_request_verify(
        &self,
        user: &User<Card>,
        token: &VerifyToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        let given = format!("{} a token of {} parts", user.email, token.expose().split('.').count());
        self.after("on_after_request_verify", &given, &user.email, cx).await
    }

    async fn on_after_verify(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_verify", &format!("{} {}", user.email, user.is_verified), &user.email, cx).await
    }

    async fn on_after_forgot_password(
        &self,
        user: &User<Card>,
        token: &ResetToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        let given = format!("{} a token of {} parts", user.email, token.expose().split('.').count());
        self.after("on_after_forgot_password", &given, &user.email, cx).await
    }

    async fn on_after_request_login(&self, user: &User<Card>, mail: &LoginMail, cx: &Context) -> Result<(), HookError> {
        let parts = mail.link_token.as_ref().map_or(0, |token| token.expose().split('.').count());
        let digits = mail.code.as_ref().map_or(0, |code| code.expose().len());
        let given = format!("{} a token of {parts} parts, a code of {digits} digits", user.email);
        self.after("on_after_request_login", &given, &user.email, cx).await
    }

    async fn on_after_invite(&self, user: &User<Card>, token: &InvitationToken, cx: &Context) -> Result<(), HookError> {
        let given = format!("{} a token of {} parts", user.email, token.expose().split('.').count());
        self.after("on_after_invite", &given, &user.email, cx).await
    }

    async fn on_after_accept_invitation(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        let given = format!("{} {}", user.email, user.is_verified);
        self.after("on_after_accept_invitation", &given, &user.email, cx).await
    }

    async fn on_after_reset_password(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_reset_password", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_change_password(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_change_password", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_request_email_change(
        &self,
        user: &User<Card>,
        new: &EmailAddress,
        token: &ChangeEmailToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        let given = format!("{} to {new} a token of {} parts", user.email, token.expose().split('.').count());
        self.after("on_after_request_email_change", &given, &user.email, cx).await
    }

    async fn on_after_change_username(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_change_username", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_change_email(
        &self,
        user: &User<Card>,
        old: &EmailAddress,
        cx: &Context,
    ) -> Result<(), HookError> {
        self.after("on_after_change_email", &format!("{old} to {}", user.email), &user.email, cx).await
    }

    async fn on_after_rehash_password(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_rehash_password", user.email.as_str(), &user.email, cx).await
    }

    async fn on_after_update(&self, user: &User<Card>, changes: &Changes<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_update", &format!("{}, {}", user.email, changes_text(changes)), &user.email, cx).await
    }

    async fn on_after_delete(&self, user: &User<Card>, cx: &Context) -> Result<(), HookError> {
        self.after("on_after_delete", user.email.as_str(), &user.email, cx).await
    }
}

/// Makes accounts and tokens beside the recording manager, so that nothing of it is recorded.
struct Seeds {
    engine: Engine<Store>,
    probe: Probe,
}

#[user_manager(store = MemoryStore<Card>, secret = "only-for-tests-0123456789abcdef-x")]
impl Seeds {
    async fn on_after_request_verify(&self, user: &User<Card>, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User<Card>, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_email_change(&self, user: &User<Card>, _: &EmailAddress, token: &ChangeEmailToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_invite(&self, user: &User<Card>, token: &InvitationToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_login(&self, user: &User<Card>, mail: &LoginMail) {
        self.probe.keep(&user.email, mail.link_token.as_ref().unwrap());
    }
}

fn cheap(memory: u32) -> Argon2id {
    Argon2id::new(Argon2Params::dangerous(memory, 1, 1).unwrap())
}

/// Without a grace, so that a second use is a theft at once.
fn with_refresh() -> JwtWithRefresh {
    Jwt::new().with_refresh(Refresh::new().grace(Duration::ZERO))
}

fn seeds(store: &Store, memory: u32) -> Seeds {
    let backends = (Backend::bearer("bearer", Database::new()), Backend::bearer("jwt", with_refresh()));
    Seeds {
        engine: Engine::builder(store.clone())
            .backend(backends.0)
            .backend(backends.1)
            .hasher(cheap(memory))
            .with(MailLogin::new())
            .with(usermgr::engine::LoginHistory::new())
            .with(Invitations::new())
            .build()
            .unwrap(),
        probe: Probe::default(),
    }
}

pub(crate) struct World {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) journal: Journal,
    pub(crate) admin: Admin,
    /// All rows as they were.
    pub(crate) at_first: Vec<String>,
    ada: String,
    root: String,
    seeds: Arc<Seeds>,
    probe: Probe,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(false).await
    }

    /// A world where logins demand a verified address.
    pub(crate) async fn of_verified() -> Self {
        Self::with(true).await
    }

    async fn with(require_verified: bool) -> Self {
        let (store, probe, journal) = (Store::default(), Probe::default(), Journal::default());
        for (email, memory, [active, superuser, verified]) in [
            (ADA, 64, [true, false, false]),
            (VERA, 64, [true, false, true]),
            (INA, 64, [false, false, false]),
            (OLD, 128, [true, false, false]),
            (ROOT, 64, [true, true, true]),
        ] {
            let new = NewUser::new(EmailAddress::parse(email).unwrap(), Card::default())
                .password(GOOD)
                .active(active)
                .superuser(superuser)
                .verified(verified);
            seeds(&store, memory).create(new, &Context::default()).await.unwrap();
        }
        let engine = Engine::builder(store.clone())
            .backend(Backend::bearer("bearer", Counted(Database::new(), journal.clone())))
            .backend(Backend::bearer("jwt", with_refresh()))
            .hasher(cheap(64))
            .audit(probe.clone())
            .hook_timeout(HOOK_TIMEOUT)
            .require_verified(require_verified)
            .limits(Limits::default().wrong_passwords_per_account(Limit::new(2)))
            .with(MailLogin::new())
            .with(usermgr::engine::LoginHistory::new())
            .with(Invitations::new())
            .with(Usernames::new())
            .with(Impersonation::new())
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, journal: journal.clone() });
        let seeds = Arc::new(seeds(&store, 64));
        let iris = EmailAddress::parse(IRIS).unwrap();
        seeds.invite(&Admin::system("test"), iris, Card::default(), &Context::default()).await.unwrap();
        let mut world = Self {
            accounts,
            journal,
            admin: Admin::system("test"),
            at_first: Vec::new(),
            ada: String::new(),
            root: String::new(),
            seeds,
            probe,
        };
        world.at_first = world.dump().await;
        world.ada = world.user(ADA).await.id.to_string();
        world.root = world.user(ROOT).await.id.to_string();
        world
    }

    /// What was called, with the names of Ada and of the superuser instead of their ids.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.journal.lines().iter().map(|line| line.replace(&self.ada, "ada").replace(&self.root, "root")).collect()
    }

    pub(crate) async fn user(&self, email: &str) -> User<Card> {
        self.seeds.get_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap()
    }

    /// A token as it would have come by mail.
    pub(crate) async fn token<P: Purpose>(&self, email: &str) -> Token<P> {
        let user = self.user(email).await;
        self.seeds.request_verify(&user, &Context::default()).await.unwrap();
        self.seeds.forgot_password(&user, &Context::default()).await.unwrap();
        let new = EmailAddress::parse("new@example.com").unwrap();
        self.seeds.request_email_change(&user, &new, &Context::system("test")).await.unwrap();
        self.seeds.probe.token(email).unwrap()
    }

    /// The proof of a link as it would have come by mail.
    pub(crate) async fn link(&self, email: &str) -> MailProof {
        self.request(email).await;
        MailProof::link(self.seeds.probe.token::<usermgr::token::MagicLink>(email).unwrap())
    }

    /// The token of the mail with which Iris was invited.
    pub(crate) fn invitation(&self) -> InvitationToken {
        self.seeds.probe.token::<usermgr::token::Invitation>(IRIS).unwrap()
    }

    /// A request for a login by mail, made without the recording manager.
    pub(crate) async fn request(&self, email: &str) -> LoginRequestToken {
        let request = self.seeds.request_login(&EmailAddress::for_lookup(email), &Context::default()).await.unwrap();
        self.seeds.engine.settle().await;
        request
    }

    /// A session of a user, made without the recording manager.
    pub(crate) async fn principal(&self, email: &str) -> Principal<Store> {
        let token = self.seeds.login(Credentials::new(email, GOOD), "bearer", &Context::default()).await.unwrap().token;
        self.journal.count_sessions(1);
        self.seeds.identify("bearer", token.expose()).await.unwrap().unwrap()
    }

    /// A refresh token of a user, made without the recording manager.
    pub(crate) async fn refresh_token(&self, email: &str) -> RefreshToken {
        let login = self.seeds.login(Credentials::new(email, GOOD), "jwt", &Context::default()).await.unwrap();
        login.refresh.unwrap()
    }

    /// A refresh token that has been used.
    pub(crate) async fn used_token(&self, email: &str) -> RefreshToken {
        let token = self.refresh_token(email).await;
        self.seeds.refresh(&token, "jwt", &Context::default()).await.unwrap();
        token
    }

    /// Waits for what requests have left in the background.
    pub(crate) async fn settle(&self) {
        self.accounts.engine.settle().await;
    }

    /// All rows, with what only the server knows of them.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let store = self.seeds.engine.store();
        let mut rows = Vec::new();
        for listed in store.list(&ListQuery::default().limit(200)).await.unwrap() {
            let Record { user, password_hash, stamp, version, .. } =
                store.find(Lookup::Id(listed.id())).await.unwrap().unwrap();
            let hash = password_hash.as_ref().map(|hash| hash.expose().to_owned());
            rows.push(format!("{user:?} {hash:?} {:?} {version}", stamp.as_bytes()));
        }
        rows
    }

    /// The events so far, as kind and detail, without the names of sessions.
    pub(crate) fn events(&self) -> Vec<String> {
        let line = |event: &Event| match &event.detail {
            Some(detail) if !detail.starts_with("session ") => format!("{:?}: {detail}", event.kind),
            _ => format!("{:?}", event.kind),
        };
        self.probe.events().iter().map(line).collect()
    }
}

/// An operation in a world: how it ends, in words.
pub(crate) type Run = for<'w> fn(&'w World) -> Pin<Box<dyn Future<Output = String> + 'w>>;

pub(crate) fn outcome_text<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => error.to_string(),
    }
}

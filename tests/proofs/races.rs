//! Races (H4): sixty-four tasks behind one barrier use the same secret, and one of them wins; what is stored is what the winner asked for.
//! Over PostgreSQL with one connection, which finds what waits for itself, and with sixteen; over MariaDB and over a SQLite file.

use std::{cell::RefCell, sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::{mysql::MySqlPoolOptions, postgres::PgPoolOptions};
use tokio::sync::Barrier;
use usermgr::{
    Limits, MysqlStore, PgStore, UpdateMe,
    audit::EventKind,
    context::Actor,
    engine::Usernames,
    error::{Cause, Coded},
    password::PasswordHasher,
    prelude::*,
    sql::SqlOptions,
    store::{Lookup, OutboxRecipient},
    testing::Probe,
    token::{ChangeEmail, Invitation, RefreshToken, Reset, Verify},
    user::Username,
};
use usermgr_tests::{Database as TestDatabase, DatabaseServer, Folder};

use crate::world::{GOOD, NEW, Options, SECRET, TestStore, World, admin, cheap, system};

const RIVALS: usize = 64;
const ROUNDS: usize = 4;

thread_local! {
    /// What the test on this thread works in.
    static KEPT: RefCell<(Vec<Folder>, Vec<TestDatabase>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

fn keep(database: TestDatabase) -> String {
    let url = database.url().to_owned();
    KEPT.with_borrow_mut(|(_, databases)| databases.push(database));
    url
}

/// A statement waits for the locks of all others who race, and the machine may be busy with other tests.
fn patient() -> SqlOptions {
    SqlOptions::new().statement_timeout(Duration::from_secs(60))
}

async fn postgres(connections: u32) -> Option<PgStore> {
    let pool = PgPoolOptions::new().max_connections(connections);
    let url = keep(DatabaseServer::Postgres.database()?);
    Some(patient().with_pool(pool.connect(&url).await.unwrap()).await.unwrap())
}

async fn mariadb(connections: u32) -> Option<MysqlStore> {
    let pool = MySqlPoolOptions::new().max_connections(connections);
    let url = keep(DatabaseServer::MariaDb.database()?);
    Some(patient().with_pool(pool.connect(&url).await.unwrap()).await.unwrap())
}

async fn sqlite() -> Option<SqliteStore> {
    let folder = Folder::over(None);
    let path = folder.file("users.db");
    KEPT.with_borrow_mut(|(folders, _)| folders.push(folder));
    Some(SqliteStore::open(path).await.unwrap())
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Won,
    Refused,
}

/// A fault is neither: a race is never lost because something broke.
#[track_caller]
fn came<T, E: Coded + std::fmt::Debug>(outcome: Result<T, E>) -> Came {
    match outcome {
        Ok(_) => Came::Won,
        Err(error) if matches!(error.cause(), Cause::Fault(_)) => panic!("{error:?}"),
        Err(_) => Came::Refused,
    }
}

/// Lets as many tasks as there are rivals begin at once, and gives what each came to.
async fn at_once<S, T, F>(world: &Arc<World<S>>, attempt: impl Fn(Arc<World<S>>, usize) -> F) -> Vec<T>
where
    S: TestStore,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(RIVALS));
    let tasks: Vec<_> = (0..RIVALS)
        .map(|at| {
            let (barrier, attempt) = (barrier.clone(), attempt(world.clone(), at));
            tokio::spawn(async move {
                barrier.wait().await;
                attempt.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        // One that hangs would hang indefinitely.
        outcomes.push(tokio::time::timeout(Duration::from_secs(60), task).await.expect("no task hangs").unwrap());
    }
    usermgr_tests::figure("races run", 1);
    outcomes
}

#[track_caller]
fn assert_one_winner(outcomes: &[Came], what: &str) -> usize {
    let winners: Vec<_> = (0..outcomes.len()).filter(|at| outcomes[*at] == Came::Won).collect();
    let [winner] = winners[..] else { panic!("{what}: {winners:?}") };
    winner
}

fn address(round: usize) -> String {
    format!("ada{round}@example.com")
}

async fn t1_a_verification_token_works_once<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        world.accounts.request_verify(&ada, &system()).await.unwrap();
        let token = VerifyToken::from(world.token::<Verify>(&address(round)));
        let outcomes = at_once(&world, |world, _| {
            let token = token.clone();
            async move { came(world.accounts.verify(&token, &Context::default()).await) }
        })
        .await;
        assert_one_winner(&outcomes, "verify");
        assert!(world.user(&address(round)).await.unwrap().is_verified);
    }
    assert_eq!(world.probe.count(EventKind::Verified), ROUNDS);
}

async fn t1_a_reset_token_works_once_and_the_winners_password_is_the_one<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        world.accounts.forgot_password(&ada, &system()).await.unwrap();
        let token = ResetToken::from(world.token::<Reset>(&address(round)));
        let password = |at: usize| format!("{NEW} number {at}");
        let outcomes = at_once(&world, |world, at| {
            let (token, password) = (token.clone(), Password::new(password(at)));
            async move { came(world.accounts.reset_password(&token, password, &Context::default()).await) }
        })
        .await;
        let winner = assert_one_winner(&outcomes, "reset");
        for at in 0..RIVALS {
            let opened = world.login("session", &address(round), &password(at)).await.is_some();
            assert_eq!(opened, at == winner, "the password of {at}, when {winner} has won");
        }
        assert!(world.login("session", &address(round), GOOD).await.is_none(), "the old password");
    }
}

/// A manager that invites. Its password policy and its gates are those of the library.
struct Inviting<S> {
    engine: Engine<S>,
    probe: Probe,
}

#[user_manager(store = S, secret = SECRET)]
impl<S: TestStore> Inviting<S> {
    async fn on_after_invite(&self, user: &User, token: &InvitationToken) {
        self.probe.keep(&user.email, token);
    }
}

/// Those who accept, and those who withdraw: one of all of them wins.
async fn in1_of_acceptances_and_withdrawals_of_an_invitation_one_wins<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store.clone()));
    let engine = Engine::builder(store)
        .backend(Backend::bearer("session", Database::new()))
        .hasher(cheap(16))
        .limits(Limits::dangerous_none())
        .with(Invitations::new());
    let inviting = Arc::new(Inviting { engine: engine.build().unwrap(), probe: Probe::default() });
    for round in 0..ROUNDS {
        let email = EmailAddress::parse(&address(round)).unwrap();
        let id = inviting.invite(&admin(), email, NoProfile, &Context::default()).await.unwrap().user.id;
        let token = inviting.probe.token::<Invitation>(&address(round)).unwrap();
        let password = |at: usize| format!("{NEW} number {at}");
        let outcomes = at_once(&world, |_, at| {
            let (inviting, token, password) = (inviting.clone(), token.clone(), Password::new(password(at)));
            async move {
                let cx = Context::default();
                match at % 8 {
                    0 => came(inviting.withdraw_invitation(&admin(), &id, &cx).await),
                    _ => came(inviting.accept_invitation(&token, password, NoProfile, &cx).await),
                }
            }
        })
        .await;
        let winner = assert_one_winner(&outcomes, "accept or withdraw");
        assert_eq!(world.user(&address(round)).await.is_none(), winner.is_multiple_of(8), "withdrawn");
        let opened = world.login("session", &address(round), &password(winner)).await.is_some();
        assert_eq!(opened, !winner.is_multiple_of(8));
    }
}

/// All prove themselves by one login, or by one token: the first one ends both.
async fn t2_of_updates_and_a_reset_at_once_one_wins_and_its_password_is_the_one<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        let (opens, _) = world.login("session", &address(round), GOOD).await.unwrap();
        let session = world.accounts.identify("session", &opens).await.unwrap().unwrap().session;
        world.accounts.forgot_password(&ada, &system()).await.unwrap();
        let token = ResetToken::from(world.token::<Reset>(&address(round)));
        let password = |at: usize| Password::new(format!("{NEW} number {at}"));
        let outcomes = at_once(&world, |world, at| {
            let (token, ada, password) = (token.clone(), ada.clone(), password(at));
            let actor = Actor::User { id: ada.id.to_string(), session: session.clone() };
            async move {
                if at % 8 == 0 {
                    return came(world.accounts.reset_password(&token, password, &Context::default()).await);
                }
                let cx = Context::default().actor(actor);
                let update = UpdateMe::default().password(password);
                came(world.accounts.update(&ada, update, &cx).await)
            }
        })
        .await;
        let winner = assert_one_winner(&outcomes, "update and reset");
        for at in 0..RIVALS {
            let opened = world.login("session", &address(round), password(at).expose()).await.is_some();
            assert_eq!(opened, at == winner, "the password of {at}, when {winner} has won");
        }
    }
}

async fn t5_a_change_of_address_is_confirmed_once_and_by_its_own_token<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        // Two changes at the same time, each with its own token.
        let mut tokens = Vec::new();
        for pending in ["owner", "attacker"] {
            let new = EmailAddress::parse(&format!("{pending}{round}@example.com")).unwrap();
            world.accounts.request_email_change(&ada, &new, &system()).await.unwrap();
            tokens.push(ChangeEmailToken::from(world.token::<ChangeEmail>(&address(round))));
        }
        let outcomes = at_once(&world, |world, at| {
            let token = tokens[at % 2].clone();
            async move { came(world.accounts.confirm_email_change(&token, &Context::default()).await) }
        })
        .await;
        let winner = ["owner", "attacker"][assert_one_winner(&outcomes, "change e-mail") % 2];
        let now = world.accounts.get(&ada.id).await.unwrap().unwrap();
        assert_eq!((now.email.as_str(), now.is_verified), (format!("{winner}{round}@example.com").as_str(), true));
    }
}

async fn j8_of_one_refresh_token_comes_one_successor<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        world.add(&address(round), |_| {}).await;
        let (_, renewal) = world.login("refresh", &address(round), GOOD).await.unwrap();
        let mut token = renewal.unwrap();
        // Twice, since the successor must be usable too.
        for _ in 0..2 {
            let presented = RefreshToken::from(token.clone());
            let outcomes = at_once(&world, |world, _| {
                let token = presented.clone();
                async move {
                    let refreshed = world.accounts.refresh(&token, "refresh", &Context::default()).await;
                    refreshed.unwrap().refresh.unwrap().expose().to_owned()
                }
            })
            .await;
            token = outcomes[0].clone();
            assert!(
                outcomes.iter().all(|child| *child == token),
                "all who ask at the same time get the same successor"
            );
        }
        // Beyond the grace it is a theft: the user is notified, and the session has ended for all.
        let (before, stolen) =
            (world.probe.count(EventKind::TokenTheft), RefreshToken::from(presented_first(&world, round).await));
        let outcomes = at_once(&world, |world, _| {
            let token = stolen.clone();
            async move { came(world.accounts.refresh(&token, "refresh", &Context::default()).await) }
        })
        .await;
        assert!(outcomes.iter().all(|outcome| *outcome == Came::Refused));
        assert_eq!(world.probe.count(EventKind::TokenTheft), before + 1);
    }
}

/// A refresh token that was used an hour ago.
async fn presented_first<S: TestStore>(world: &World<S>, round: usize) -> String {
    let (_, renewal) = world.login("refresh", &address(round), GOOD).await.unwrap();
    let token = RefreshToken::from(renewal.unwrap());
    world.accounts.refresh(&token, "refresh", &Context::default()).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    token.expose().to_owned()
}

async fn r1_of_registrations_of_one_address_one_succeeds<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let spellings = [address(round), address(round).to_uppercase(), format!("Ada{round}@Example.Com")];
        let outcomes = at_once(&world, |world, at| {
            let register = Register::new(spellings[at % 3].clone(), GOOD);
            async move { came(world.accounts.register(register, &Context::default()).await) }
        })
        .await;
        let winner = assert_one_winner(&outcomes, "register");
        assert_eq!(world.user(&address(round)).await.unwrap().email.as_str(), shown(&spellings[winner % 3]));
    }
    assert_eq!(world.probe.count(EventKind::Registered), ROUNDS);
}

/// An address as it is kept: the domain in small letters.
fn shown(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap();
    format!("{local}@{}", domain.to_lowercase())
}

async fn m2_of_superusers_who_demote_each_other_one_remains<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let mut pair = Vec::new();
        for name in ["one", "other"] {
            pair.push(world.add(&format!("{name}{round}@example.com"), |new| new.is_superuser = true).await.id);
        }
        let outcomes = at_once(&world, |world, at| {
            let id = pair[at % 2];
            async move {
                let (admin, cx) = (admin(), system());
                // In all the ways in which a superuser can go.
                match at / 2 % 3 {
                    0 => came(world.accounts.set_superuser(&admin, &id, false, &cx).await),
                    1 => came(world.accounts.set_active(&admin, &id, false, &cx).await),
                    _ => came(world.accounts.delete_user(&admin, &id, &cx).await),
                }
            }
        })
        .await;
        assert!(outcomes.contains(&Came::Refused) && outcomes.contains(&Came::Won), "{outcomes:?}");
        let mut left = Vec::new();
        for id in pair {
            left.extend(world.accounts.get(&id).await.unwrap().filter(|user| user.is_superuser && user.is_active));
        }
        let [last] = &left[..] else { panic!("{left:?}") };
        // Out of the way of the next round.
        let mut record = world.store.find(Lookup::Id(&last.id)).await.unwrap().unwrap();
        record.user.is_superuser = false;
        let mut tx = world.store.begin().await.unwrap();
        world.store.update(&mut tx, &record).await.unwrap();
        world.store.commit(tx).await.unwrap();
    }
}

async fn p9_a_rehash_never_brings_an_old_password_back<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        let mut record = world.store.find(Lookup::Id(&ada.id)).await.unwrap().unwrap();
        record.password_hash = Some(cheap(8).hash(&GOOD.into()).await.unwrap());
        let mut tx = world.store.begin().await.unwrap();
        world.store.update(&mut tx, &record).await.unwrap();
        world.store.commit(tx).await.unwrap();
        // Logins that find the hash outdated, and one change of the password among them.
        let outcomes = at_once(&world, |world, at| {
            let (ada, email) = (ada.clone(), address(round));
            async move {
                if at == RIVALS / 2 {
                    return came(world.accounts.change_password(&ada, GOOD.into(), NEW.into(), &system()).await);
                }
                came(world.accounts.login(Credentials::new(email, GOOD), "session", &Context::default()).await)
            }
        })
        .await;
        assert_eq!(outcomes[RIVALS / 2], Came::Won, "the change");
        assert!(world.login("session", &address(round), GOOD).await.is_none(), "the old password");
        assert!(world.login("session", &address(round), NEW).await.is_some(), "the new one");
        // Whatever session a login has made meanwhile, none of before the change is left.
        assert_eq!(world.accounts.sessions(&ada, &system()).await.unwrap().len(), 1);
    }
}

async fn x13_a_login_beside_a_deletion_leaves_nothing_behind<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        let outcomes = at_once(&world, |world, at| {
            let (ada, email) = (ada.clone(), address(round));
            async move {
                match at {
                    32 => came(world.accounts.delete(&ada, &system()).await),
                    _ => {
                        came(world.accounts.login(Credentials::new(email, GOOD), "session", &Context::default()).await)
                    }
                }
            }
        })
        .await;
        assert_eq!(outcomes[32], Came::Won, "the deletion");
        assert!(world.store.list_sessions(&ada.id).await.unwrap().is_empty());
        assert!(world.user(&address(round)).await.is_none());
    }
}

/// All but one hold a stolen session, by which they end all others again and again; the one resets the password.
async fn w5_of_ends_of_all_sessions_beside_a_reset_none_keeps_the_owner_out<S: TestStore>(store: S) {
    let world = Arc::new(World::new(store));
    for round in 0..ROUNDS {
        let email = address(round);
        let ada = world.add(&email, |_| {}).await;
        let (stolen, _) = world.login("session", &email, GOOD).await.unwrap();
        world.accounts.forgot_password(&ada, &system()).await.unwrap();
        let token = ResetToken::from(world.token::<Reset>(&email));
        let outcomes = at_once(&world, |world, at| {
            let (ada, stolen, token) = (ada.clone(), stolen.clone(), token.clone());
            async move {
                if at == 32 {
                    return came(world.accounts.reset_password(&token, NEW.into(), &Context::default()).await);
                }
                for _ in 0..8 {
                    let Some(thief) = world.accounts.identify("session", &stolen).await.unwrap() else { break };
                    let actor = Actor::User { id: ada.id.to_string(), session: thief.session.clone() };
                    let cx = Context::default().actor(actor);
                    came(world.accounts.revoke_others(&ada, &cx).await);
                }
                Came::Refused
            }
        })
        .await;
        assert_eq!(outcomes[32], Came::Won, "the reset");
        assert!(world.accounts.identify("session", &stolen).await.unwrap().is_none(), "the stolen session");
        assert!(world.login("session", &email, NEW).await.is_some(), "the owner");
    }
}

async fn x13_a_pending_mail_beside_a_deletion_leaves_nothing_behind<S: TestStore>(store: S) {
    let world = Arc::new(World::with(store, Options { outbox: true, ..Options::default() }));
    for round in 0..ROUNDS {
        let ada = world.add(&address(round), |_| {}).await;
        let outcomes = at_once(&world, |world, at| {
            let ada = ada.clone();
            async move {
                match at {
                    32 => came(world.accounts.delete(&ada, &system()).await),
                    _ => came(world.accounts.request_verify(&ada, &system()).await),
                }
            }
        })
        .await;
        assert!(outcomes.iter().all(|outcome| *outcome == Came::Won), "{outcomes:?}");
        let now = Timestamp::now() + Duration::from_secs(3600);
        let rows = world.store.claim(200, now, now).await.unwrap();
        assert!(rows.iter().all(|row| matches!(row.recipient, OutboxRecipient::Address(_))), "{rows:?}");
    }
}

async fn l1_of_honest_logins_at_once_none_is_refused_with_the_limits_on<S: TestStore>(store: S) {
    let world = Arc::new(World::with(store, Options { limits: Limits::default(), ..Options::default() }));
    for round in 0..ROUNDS {
        world.add(&address(round), |_| {}).await;
        let outcomes = at_once(&world, |world, _| {
            let credentials = Credentials::new(address(round), GOOD);
            let cx = Context::default().ip([192, 0, 2, 1].into());
            async move { came(world.accounts.login(credentials, "session", &cx).await) }
        })
        .await;
        assert!(outcomes.iter().all(|outcome| *outcome == Came::Won), "{outcomes:?}");
    }
}

async fn l1_of_wrong_guesses_at_once_no_more_than_the_limit_are_tried<S: TestStore>(store: S) {
    let world = Arc::new(World::with(store, Options { limits: Limits::default(), ..Options::default() }));
    for round in 0..ROUNDS {
        world.add(&address(round), |_| {}).await;
        world.calls.take();
        at_once(&world, |world, at| {
            let credentials = Credentials::new(address(round), format!("{NEW} {at}"));
            async move { world.accounts.login(credentials, "session", &Context::default()).await.map(drop) }
        })
        .await;
        assert_eq!(world.calls.count("verify"), 10, "as many as are free");
    }
}

/// Half of them register with a name, and half give it to an account that they have. The first one has it.
async fn un2_of_registrations_and_changes_at_once_one_gets_the_name<S: TestStore>(store: S) {
    let world = Arc::new(World::with(store, Options { usernames: Some(Usernames::new()), ..Options::default() }));
    let mut users = Vec::new();
    for at in 0..RIVALS / 2 {
        users.push(world.add(&format!("user{at}@example.com"), |_| {}).await);
    }
    for round in 0..ROUNDS {
        let name = |at: usize| if at % 4 < 2 { format!("Ada-{round}") } else { format!("ada-{round}") };
        let outcomes = at_once(&world, |world, at| {
            let (name, user) = (name(at), users[at / 2].clone());
            async move {
                if at % 2 == 0 {
                    let register = Register::new(format!("new{round}-{at}@example.com"), GOOD).username(name);
                    return came(world.accounts.register(register, &Context::default()).await);
                }
                came(world.accounts.update(&user, UpdateMe::default().username(name), &system()).await)
            }
        })
        .await;
        let winner = assert_one_winner(&outcomes, "a user name");
        let owner =
            world.store.find(Lookup::Username(&Username::for_lookup(&name(winner)))).await.unwrap().unwrap().user;
        assert_eq!(owner.username.unwrap().as_str(), name(winner));
        let email = EmailAddress::for_lookup(&format!("new{round}-{winner}@example.com"));
        assert_eq!(world.store.find(Lookup::Email(&email)).await.unwrap().is_some(), winner.is_multiple_of(2));
    }
    assert_eq!(
        world.probe.count(EventKind::Registered) + world.probe.count(EventKind::UsernameChanged),
        ROUNDS,
        "nothing of the others was written"
    );
}

macro_rules! races {
    ($($race:ident)+) => {
        races!(@over sqlite, super::sqlite(), [$($race)+]);
        races!(@over postgres_with_one_connection, super::postgres(1), [$($race)+]);
        races!(@over postgres_with_sixteen_connections, super::postgres(16), [$($race)+]);
        races!(@over mariadb_with_sixteen_connections, super::mariadb(16), [$($race)+]);
    };
    (@over $name:ident, $store:expr, [$($race:ident)+]) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $race() {
                if let Some(store) = $store.await {
                    super::$race(store).await;
                }
            })+
        }
    };
}

races!(
    un2_of_registrations_and_changes_at_once_one_gets_the_name
    t1_a_verification_token_works_once
    t1_a_reset_token_works_once_and_the_winners_password_is_the_one
    in1_of_acceptances_and_withdrawals_of_an_invitation_one_wins
    t2_of_updates_and_a_reset_at_once_one_wins_and_its_password_is_the_one
    t5_a_change_of_address_is_confirmed_once_and_by_its_own_token
    j8_of_one_refresh_token_comes_one_successor
    r1_of_registrations_of_one_address_one_succeeds
    m2_of_superusers_who_demote_each_other_one_remains
    p9_a_rehash_never_brings_an_old_password_back
    x13_a_login_beside_a_deletion_leaves_nothing_behind
    x13_a_pending_mail_beside_a_deletion_leaves_nothing_behind
    w5_of_ends_of_all_sessions_beside_a_reset_none_keeps_the_owner_out
    l1_of_honest_logins_at_once_none_is_refused_with_the_limits_on
    l1_of_wrong_guesses_at_once_no_more_than_the_limit_are_tried
);

//! The contract of a store under one prefix, while a manager works under another one in the same database: it registers, logs in, mails,
//! delivers, changes, lists, deletes and cleans up without a pause. And the other way round: nothing of that fails.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use usermgr::{prelude::*, store::ListQuery, store_conformance};

use crate::rig::{GOOD, Kind, KindStore, ROOTS, mariadb, postgres, sqlite, system};

/// What has gone wrong in the traffic of any rule so far.
static WRONG: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// How many rounds of it there were.
static ROUNDS: AtomicU64 = AtomicU64::new(0);

/// One round of what an application does.
async fn round<S: KindStore>(kind: &Kind<S>, number: u64) -> Result<(), Box<dyn std::error::Error>> {
    let (accounts, cx, admin) = (&kind.accounts, system(), Admin::system("test"));
    let email = EmailAddress::parse(&format!("user{number}@example.com"))?;
    let user = accounts.create(NewUser::new(email.clone(), NoProfile).password(GOOD), &cx).await?;
    let login = accounts.login(Credentials::new(email.as_str(), GOOD), "session", &cx).await?;
    accounts.forgot_password(&user, &cx).await?;
    accounts.deliver_due().await?;
    let reset = kind.token::<usermgr::token::Reset>(email.as_str());
    accounts.reset_password(&reset.as_str().into(), "another horse battery".into(), &cx).await?;
    let session = accounts.identify("session", login.token.expose()).await?;
    if session.is_some() {
        return Err("a session has outlived the reset".into());
    }
    accounts.set_active(&admin, &user.id, false, &cx).await?;
    if !accounts.list_users(&admin, ListQuery::default()).await?.users.iter().any(|known| known.id == user.id) {
        return Err("a user is not listed".into());
    }
    accounts.delete_user(&admin, &user.id, &cx).await?;
    accounts.engine.purge().await?;
    match accounts.get(&user.id).await? {
        None => Ok(()),
        Some(_) => Err("a deleted user is found".into()),
    }
}

/// Begins traffic beside a store, which ends with the rule, and returns the store.
fn beside<S: KindStore>([store, other]: [S; 2]) -> S {
    assert_eq!(*WRONG.lock().unwrap_or_else(PoisonError::into_inner), [""; 0], "in the traffic beside an earlier rule");
    let kind = Kind::alone(other, ROOTS[1]);
    tokio::spawn(async move {
        for number in 0.. {
            if let Err(error) = round(&kind, number).await {
                WRONG.lock().unwrap_or_else(PoisonError::into_inner).push(format!("round {number}: {error}"));
                return;
            }
            ROUNDS.fetch_add(1, Ordering::Relaxed);
        }
    });
    store
}

/// A store, or the end of a test whose server is not there.
macro_rules! there {
    ($stores:expr) => {
        match $stores.await {
            Some(stores) => stores,
            None => return,
        }
    };
}

macro_rules! beside_traffic {
    ($($module:ident = $stores:expr;)*) => {$(
        store_conformance!(
            $module,
            beside($stores),
            rules: [users, transactions, sessions, directory, import, usernames, counters, credentials, outbox, history]
        );
    )*};
}

beside_traffic! {
    sqlite_beside_traffic = sqlite().await;
    postgres_beside_traffic = there!(postgres());
    mariadb_beside_traffic = there!(mariadb());
}

/// That the traffic above is what it says, and that two of them leave each other alone.
#[tokio::test(flavor = "multi_thread")]
async fn ku8_two_kinds_work_at_once() {
    let [staff, customers] = sqlite().await;
    let (staff, customers) = (Kind::alone(staff, ROOTS[0]), Kind::alone(customers, ROOTS[1]));
    let work = async |kind: &Kind<_>| {
        for number in 0..20 {
            round(kind, number).await.unwrap();
        }
    };
    tokio::join!(work(&staff), work(&customers));
}

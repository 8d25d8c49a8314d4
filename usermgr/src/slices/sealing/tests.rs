//! A rotation of the data secret: every sealed row gets the new key, and rows that cannot be opened are reported and
//! kept.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use uuid::Uuid;

use super::Resealed;
use crate::{
    audit::EventKind,
    error::Fault,
    prelude::*,
    seal::{Place, SealKeys, is_sealed},
    secret::{Secret, SecretSet},
    store::{Credential, CredentialKind, CredentialStore, Import, NewCredential},
    testing::{
        FaultAt, Faults, Faulty, Probe, Watch, Watched,
        conformance::{run, sample},
    },
    user::UserId,
};

const ONE: &str = "0123456789abcdef0123456789abcdef";
const TWO: &str = "fedcba9876543210fedcba9876543210";
const LOCK: CredentialKind = CredentialKind::new("test:lock");

/// Lets a concurrent write change a row just before a swap, as often as it says.
#[derive(Clone)]
struct Rival {
    store: MemoryStore,
    times: Arc<Mutex<u32>>,
}

impl Watch for Rival {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        let mut times = self.times.lock().unwrap();
        if method != "swap_credential" || *times == 0 {
            return None;
        }
        *times -= 1;
        let store = self.store.clone();
        let change = async move {
            for mut row in store.list_credentials(None, 1000).await.unwrap() {
                row.used_at = Some(sample::moment());
                assert!(store.swap_credential(&row).await.unwrap());
            }
        };
        std::thread::scope(|scope| drop(scope.spawn(|| run(change)).join()));
        None
    }
}

type Store = Faulty<Watched<MemoryStore, Rival>>;

struct Accounts {
    engine: Engine<Store>,
    data: SecretSet,
}

#[crate::user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x", data_secret = self.data.clone())]
impl Accounts {}

fn set(current: &str, previous: &[&str]) -> SecretSet {
    SecretSet { current: Secret::new(current), previous: previous.iter().map(Secret::new).collect() }
}

/// A store with a user, and a manager of it.
struct World {
    store: MemoryStore,
    user: Uuid,
    rival: Rival,
    faults: Faults,
    probe: Probe,
}

impl World {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let user = Uuid::generate(Timestamp::now()).unwrap();
        let mut tx = store.begin().await.unwrap();
        store.insert_record(&mut tx, &sample::account("ada@example.com", NoProfile).with_id(user)).await.unwrap();
        store.commit(tx).await.unwrap();
        let rival = Rival { store: store.clone(), times: Arc::default() };
        Self { store, user, rival, faults: Faults::default(), probe: Probe::default() }
    }

    fn manager(&self, data: SecretSet) -> Accounts {
        let store = Watched::new(self.store.clone(), self.rival.clone());
        let store = Faulty::new(store, self.faults.clone());
        let engine = Engine::builder(store)
            .backend(Backend::bearer("bearer", Database::new()))
            .audit(self.probe.clone())
            .build()
            .unwrap();
        Accounts { engine, data }
    }

    /// Writes a row and returns it, sealed with these keys.
    async fn seal(&self, secret: &str, plain: &str) -> Credential<Uuid> {
        let mut new = NewCredential::new(self.user, LOCK, "", sample::moment());
        new.data = keys(secret, &[]).seal(place(&new.user_id.to_string(), new.id.as_str()), plain.as_bytes()).unwrap();
        self.insert(&new).await;
        Credential::from(new)
    }

    async fn insert(&self, new: &NewCredential<Uuid>) {
        let mut tx = self.store.begin().await.unwrap();
        self.store.insert_credential(&mut tx, new).await.unwrap();
        self.store.commit(tx).await.unwrap();
    }

    async fn rows(&self) -> Vec<Credential<Uuid>> {
        self.store.list_credentials(None, 10_000).await.unwrap()
    }
}

fn keys(current: &str, previous: &[&str]) -> SealKeys {
    SealKeys::derive(&set(current, previous)).unwrap()
}

fn place<'a>(user: &'a str, row: &'a str) -> Place<'a> {
    Place { kind: "test:lock", user, row }
}

async fn reseal(accounts: &Accounts) -> Result<Resealed, Fault> {
    accounts.reseal(&Admin::system("rotation"), &Context::default()).await
}

#[tokio::test]
async fn d3_every_sealed_row_gets_the_new_key_once() {
    let world = World::new().await;
    for number in 0..250 {
        world.seal(ONE, &number.to_string()).await;
    }
    world.insert(&NewCredential::new(world.user, LOCK, r#"{"plain":"v1.x.y"}"#, sample::moment())).await;
    world.seal(TWO, "new already").await;
    let before = world.rows().await;
    let accounts = world.manager(set(TWO, &[ONE]));
    assert_eq!(reseal(&accounts).await.unwrap(), Resealed { rows: 250, unreadable: 0 });
    // A second run finds nothing to do.
    assert_eq!(reseal(&accounts).await.unwrap(), Resealed::default());

    // The old secret is not needed any more.
    let (new, old) = (keys(TWO, &[]), keys(ONE, &[]));
    let mut plain = Vec::new();
    for (row, was) in world.rows().await.into_iter().zip(before) {
        let user = row.user_id.to_string();
        // Nothing else of the row has changed.
        assert_eq!(Credential { data: was.data.clone(), version: was.version, ..row.clone() }, was);
        if is_sealed(&row.data) {
            let here = place(&user, row.id.as_str());
            assert!(old.open(here, &row.data).is_err());
            plain.push(String::from_utf8(new.open(here, &row.data).unwrap().to_vec()).unwrap());
        }
    }
    let expected = (0..250).map(|number| number.to_string()).chain(["new already".to_owned()]);
    // Rows of the same moment have no fixed order.
    assert_eq!(plain.into_iter().collect::<BTreeSet<_>>(), expected.collect());
}

#[tokio::test]
async fn d2_a_row_that_does_not_open_is_reported_and_kept() {
    let world = World::new().await;
    let gone = world.seal("a secret that was removed from the set", "secret").await;
    let sealed = world.seal(ONE, "secret").await;
    // A row that was moved: sealed for another row.
    let mut moved = NewCredential::new(world.user, LOCK, "", sample::moment());
    moved.data = sealed.data;
    world.insert(&moved).await;
    let done = reseal(&world.manager(set(TWO, &[ONE]))).await.unwrap();
    assert_eq!(done, Resealed { rows: 1, unreadable: 2 });
    let events = world.probe.events();
    let reported: BTreeSet<_> = events
        .iter()
        .filter(|event| event.kind == EventKind::SealUnreadable)
        .map(|event| (event.user.clone().unwrap(), event.detail.clone().unwrap().into_owned()))
        .collect();
    let user = world.user.to_string();
    let expected = [gone.id.clone(), moved.id.clone()].map(|id| (user.clone(), format!("test:lock {id}")));
    assert_eq!(reported, BTreeSet::from(expected));
    assert_eq!(events[0].actor.as_deref(), Some("system:rotation"));
    let kept: Vec<_> = world.rows().await.into_iter().map(|row| row.data).collect();
    assert!(kept.contains(&gone.data) && kept.contains(&moved.data));
}

#[tokio::test]
async fn d3_what_others_change_meanwhile_is_sealed_as_they_left_it() {
    let world = World::new().await;
    for number in 0..3 {
        world.seal(ONE, &number.to_string()).await;
    }
    *world.rival.times.lock().unwrap() = 2;
    let done = reseal(&world.manager(set(TWO, &[ONE]))).await.unwrap();
    assert_eq!(done, Resealed { rows: 3, unreadable: 0 });
    assert!(world.rows().await.iter().all(|row| row.used_at.is_some() && keys(TWO, &[]).is_current(&row.data)));

    // The operation does not wait forever.
    *world.rival.times.lock().unwrap() = u32::MAX;
    let outcome = reseal(&world.manager(set(ONE, &[TWO]))).await;
    assert!(matches!(outcome, Err(Fault::Busy)), "{outcome:?}");
}

#[tokio::test]
async fn d3_a_reseal_that_fails_at_any_call_loses_nothing_and_is_done_by_the_next() {
    for at in [FaultAt::Before, FaultAt::After] {
        for call in 1.. {
            let world = World::new().await;
            for number in 0..3 {
                world.seal(ONE, &number.to_string()).await;
            }
            let accounts = world.manager(set(TWO, &[ONE]));
            world.faults.fail_call(call, at);
            let outcome = reseal(&accounts).await;
            if world.faults.injected() == 0 {
                assert_eq!((call, outcome.unwrap().rows), (6, 3), "two pages and three swaps");
                break;
            }
            assert!(matches!(outcome, Err(Fault::Store(_))), "{outcome:?}");
            let opens = |row: &Credential<Uuid>| {
                let user = row.user_id.to_string();
                keys(TWO, &[ONE]).open(place(&user, row.id.as_str()), &row.data).is_ok()
            };
            assert!(world.rows().await.iter().all(opens), "call {call}");
            world.faults.heal();
            assert_eq!(reseal(&accounts).await.unwrap().unreadable, 0);
            assert!(world.rows().await.iter().all(|row| keys(TWO, &[]).is_current(&row.data)), "call {call}");
        }
    }
}

#[tokio::test]
async fn d3_the_data_secret_is_the_root_by_default() {
    struct Plain {
        engine: Engine<MemoryStore>,
    }

    #[crate::user_manager(store = MemoryStore, secret = SecretSet { current: Secret::new(TWO), previous: vec![Secret::new(ONE)] })]
    impl Plain {}

    let world = World::new().await;
    world.seal(ONE, "secret").await;
    let accounts = Plain { engine: Engine::new(world.store.clone()) };
    let done = accounts.reseal(&Admin::system("rotation"), &Context::default()).await.unwrap();
    assert_eq!(done.rows, 1);
    assert!(keys(TWO, &[]).is_current(&world.rows().await[0].data));
}

use std::{cell::Cell, thread, time::Duration};

use jiff::Timestamp;

use super::{EngineCache, Place, PrincipalCache};
use crate::{
    EmailAddress, MemoryStore, NoProfile, SessionInfo,
    carrier::Carrier,
    session::Principal,
    store::SessionId,
    user::{NewRecord, Stamp},
};

type Store = MemoryStore<NoProfile, i64>;

/// An engine's part of a cache, and the engine's time.
struct Rig {
    cache: PrincipalCache,
    engine: EngineCache,
    now: Cell<Timestamp>,
}

impl Rig {
    fn new() -> Self {
        Self::over(PrincipalCache::default())
    }

    fn over(cache: PrincipalCache) -> Self {
        Self { engine: EngineCache::of(cache.clone()), cache, now: Cell::new(Timestamp::UNIX_EPOCH) }
    }

    fn place(&self, token: &str) -> Place<'_> {
        self.engine.place(Carrier::Bearer, token, self.now.get()).unwrap()
    }

    /// Returns a principal that is valid for an hour.
    fn principal(&self, user: i64) -> Principal<Store> {
        let end = self.in_a_while(3600);
        self.uncacheable(user).cacheable_until(end)
    }

    fn uncacheable(&self, user: i64) -> Principal<Store> {
        let now = self.now.get();
        let record = NewRecord {
            email: EmailAddress::parse("ada@example.com").unwrap(),
            username: None,
            is_active: true,
            is_superuser: false,
            is_verified: false,
            created_at: now,
            profile: NoProfile,
            password_hash: None,
            stamp: Stamp::from_bytes([7; 16]),
        };
        let session = SessionInfo::new(SessionId::new("session"), "bearer", now, self.in_a_while(3600));
        Principal::new(record.with_id(user), session)
    }

    fn in_a_while(&self, seconds: u64) -> Timestamp {
        self.now.get().checked_add(Duration::from_secs(seconds)).unwrap()
    }

    fn advance(&self, span: Duration) {
        self.now.set(self.now.get().checked_add(span).unwrap());
    }

    fn keep(&self, token: &str, user: i64) {
        keep(&self.place(token), &self.principal(user));
    }

    /// Returns the user of the token in the cache.
    fn owner(&self, token: &str) -> Option<i64> {
        self.place(token).get::<Principal<Store>>().map(|principal| principal.user().id)
    }
}

fn keep(place: &Place<'_>, principal: &Principal<Store>) {
    place.keep(principal, &principal.user().id, principal.cacheable_until);
}

#[test]
fn what_is_kept_is_one_engines_for_one_token_of_one_carrier() {
    let (shop, other) = (Rig::new(), Rig::new());
    let second = Rig { engine: EngineCache::of(shop.cache.clone()), ..Rig::new() };
    shop.keep("token", 1);
    assert_eq!(shop.owner("token"), Some(1));
    assert_eq!(shop.owner("other"), None);
    assert_eq!(other.owner("token"), None);
    assert_eq!(second.owner("token"), None, "an engine must judge a token by itself");
    for cookie in ["", "token", "__Host-usermgr"] {
        for carrier in [Carrier::Cookie(cookie), Carrier::Header(cookie)] {
            assert!(shop.engine.place(carrier, "token", shop.now.get()).unwrap().get::<Principal<Store>>().is_none());
        }
    }
}

#[test]
fn j6_a_change_ends_what_was_kept_of_its_user_and_not_of_everybody() {
    let rig = Rig::new();
    for user in 0..64 {
        rig.keep(&user.to_string(), user);
    }
    drop(rig.engine.changing(&0));
    assert_eq!(rig.owner("0"), None);
    let others = (1..64).filter(|user| rig.owner(&user.to_string()) == Some(*user)).count();
    assert!(others > 32, "{others} of 63 are left");
    rig.keep("0", 0);
    assert_eq!(rig.owner("0"), Some(0), "what is read after the change is kept");
    rig.cache.forget(&0);
    assert_eq!(rig.owner("0"), None);
    rig.engine.changed_for_all();
    assert!((0..64).all(|user| rig.owner(&user.to_string()).is_none()));
}

/// The reader reads the old row, another task changes it, and only then does the reader store the principal.
#[test]
fn j6_what_was_read_before_a_change_is_not_served_after_it_whenever_it_is_kept() {
    let rig = Rig::new();
    let reader = rig.place("token");
    let old = rig.principal(1);
    drop(rig.engine.changing(&1));
    keep(&reader, &old);
    assert_eq!(rig.owner("token"), None);

    // The latest change counts, even if an earlier one is recorded after it.
    let reader = rig.place("token");
    let (first, second) = (rig.engine.changing(&1), rig.engine.changing(&1));
    drop(second);
    keep(&reader, &old);
    drop(first);
    assert_eq!(rig.owner("token"), None);
}

/// It is not known whether a canceled change was made.
#[tokio::test]
async fn j6_a_change_that_is_broken_off_counts_as_one() {
    let rig = Rig::new();
    rig.keep("token", 1);
    let change = async {
        let _changing = rig.engine.changing(&1);
        std::future::pending::<()>().await;
    };
    tokio::time::timeout(Duration::from_millis(1), change).await.unwrap_err();
    assert_eq!(rig.owner("token"), None);
}

#[test]
fn j6_another_engine_over_the_same_cache_sees_a_change_at_once() {
    let rig = Rig::new();
    let second = EngineCache::of(rig.cache.clone());
    rig.keep("token", 1);
    second.changed(&1);
    assert_eq!(rig.owner("token"), None);
}

#[test]
fn j6_nothing_is_served_after_a_second_by_either_clock() {
    let rig = Rig::new();
    rig.keep("token", 1);
    rig.advance(Duration::from_millis(999));
    assert_eq!(rig.owner("token"), Some(1));
    rig.advance(Duration::from_millis(1));
    assert_eq!(rig.owner("token"), None, "the engine's clock says so");

    // The read was slow: its second began when the read began.
    let reader = rig.place("slow");
    thread::sleep(Duration::from_millis(600));
    keep(&reader, &rig.principal(1));
    assert_eq!(rig.owner("slow"), Some(1));
    thread::sleep(Duration::from_millis(401));
    assert_eq!(rig.owner("slow"), None, "the machine's clock says so, though the engine's stands still");
}

#[test]
fn j6_a_clock_that_is_set_back_ends_what_was_kept() {
    let rig = Rig::new();
    rig.keep("token", 1);
    let earlier = rig.now.get().checked_sub(Duration::from_millis(1)).unwrap();
    assert!(rig.engine.place(Carrier::Bearer, "token", earlier).unwrap().get::<Principal<Store>>().is_none());
}

#[test]
fn s5_nothing_is_served_beyond_its_own_end() {
    let rig = Rig::new();
    let end = rig.now.get().checked_add(Duration::from_millis(500)).unwrap();
    keep(&rig.place("token"), &rig.principal(1).cacheable_until(end));
    rig.advance(Duration::from_millis(499));
    assert_eq!(rig.owner("token"), Some(1));
    rig.advance(Duration::from_millis(1));
    assert_eq!(rig.owner("token"), None);
}

#[test]
fn a_strategy_that_does_not_say_so_has_nothing_kept() {
    let rig = Rig::new();
    keep(&rig.place("token"), &rig.uncacheable(1));
    assert_eq!((rig.owner("token"), rig.cache.kept()), (None, 0));
}

#[test]
fn a_hundred_thousand_tokens_take_no_more_room_than_the_capacity() {
    let rig = Rig::over(PrincipalCache::new(1000));
    for token in 0..100_000 {
        rig.keep(&token.to_string(), token);
    }
    assert!((1..=1000).contains(&rig.cache.kept()), "{}", rig.cache.kept());
    assert!(format!("{:?}", rig.cache).contains("1000"));
}

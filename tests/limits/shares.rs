//! The hashing threads under a client with enough accounts and the right password of each: no other client is refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use usermgr::{
    Backend, Fault, Limits, LoginError,
    limits::Limit,
    password::{Argon2Params, Argon2id, HashPool},
    prelude::*,
    testing::FakeClock,
};
use usermgr_tests::PASSWORD;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

fn accounts(pool: HashPool, limits: Limits, clock: FakeClock) -> Arc<Accounts> {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Jwt::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(2_048, 1, 1).unwrap()).on(Arc::new(pool)))
        .limits(limits)
        .clock(clock)
        .build()
        .unwrap();
    Arc::new(Accounts { engine })
}

async fn add(accounts: &Accounts, email: &str) {
    let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
    accounts.create(new, &Context::default()).await.unwrap();
}

async fn login(accounts: &Accounts, email: &str, ip: &str) -> Result<(), LoginError> {
    let cx = Context::default().ip(ip.parse().unwrap());
    accounts.login(Credentials::new(email, PASSWORD), "bearer", &cx).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l16_a_stranger_with_ten_accounts_and_69_connections_costs_no_other_user_a_login() {
    let accounts = accounts(HashPool::new(2, 64), Limits::default(), FakeClock::start());
    add(&accounts, "victim@example.com").await;
    for number in 0..10 {
        add(&accounts, &format!("stranger{number}@example.com")).await;
    }
    let (over, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let strangers: Vec<_> = (0..69)
        .map(|number| {
            let (accounts, over, refused) = (accounts.clone(), over.clone(), refused.clone());
            tokio::spawn(async move {
                let email = format!("stranger{}@example.com", number % 10);
                while !over.load(Ordering::Relaxed) {
                    if let Err(LoginError::Fault(Fault::Overloaded { .. })) =
                        login(&accounts, &email, "192.0.2.1").await
                    {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    // The storm is there when its own are refused.
    while refused.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..12 {
        login(&accounts, "victim@example.com", "198.51.100.1").await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    for stranger in strangers {
        stranger.await.unwrap();
    }
}

#[tokio::test]
async fn l17_right_passwords_have_a_larger_budget_of_the_network_and_of_the_account() {
    const FEW: Limit = Limit::new(3).first_delay(Duration::from_secs(1)).longest_delay(Duration::from_secs(1));
    for (limits, same_network, same_account) in [
        (Limits::default().right_passwords_per_network(FEW), true, false),
        (Limits::default().right_passwords_per_account(FEW), false, true),
    ] {
        let clock = FakeClock::start();
        let accounts = accounts(HashPool::new(1, 64), limits, clock.clone());
        let mut outcomes = Vec::new();
        for number in 0..5 {
            let email = format!("user{}@example.com", if same_account { 0 } else { number });
            if !same_account || number == 0 {
                add(&accounts, &email).await;
            }
            let ip = format!("192.0.2.{}", if same_network { 1 } else { number + 1 });
            // A wrong one takes nothing of it.
            let cx = Context::default().ip(ip.parse().unwrap());
            let wrong = accounts.login(Credentials::new(&*email, "wrong"), "bearer", &cx).await;
            if number < 3 {
                assert!(matches!(wrong, Err(LoginError::BadCredentials)), "{wrong:?}");
            }
            outcomes.push(login(&accounts, &email, &ip).await.is_ok());
        }
        assert_eq!(outcomes, [true, true, true, false, false]);
        clock.advance(Duration::from_secs(1));
        login(&accounts, "user0@example.com", "192.0.2.1").await.unwrap();
    }
}

//! The rules for the login history: what is kept of a user, in which order, and what ends it.

use super::{add, compete, remove, sample};
use crate::{
    StoreError,
    session::{Amr, Method},
    store::{HistoryStore, LoginEntry, LoginOutcome},
};

/// How many rows of a kind the rules keep.
const MOST: u32 = 3;

fn login<I>(user_id: I, seconds: i64) -> LoginEntry<I> {
    LoginEntry::new(user_id, sample::later(seconds), LoginOutcome::LoggedIn).methods(Amr::PASSWORD)
}

fn refused<I>(user_id: I, seconds: i64) -> LoginEntry<I> {
    let outcome = LoginOutcome::Refused("wrong password".to_owned());
    LoginEntry::new(user_id, sample::later(seconds), outcome)
}

async fn person<S: HistoryStore>(store: &S, name: &str, profile: &S::Profile) -> S::Id {
    let new = sample::account(&format!("{name}@example.com"), profile.clone());
    add(store, &new).await.expect("a new account is accepted")
}

async fn keep<S: HistoryStore>(store: &S, entry: &LoginEntry<S::Id>) {
    store.insert_login(entry, MOST).await.expect("a row is accepted");
}

async fn all<S: HistoryStore>(store: &S, user_id: &S::Id) -> Vec<LoginEntry<S::Id>> {
    store.list_logins(user_id, sample::moment()).await.expect("listing does not fail")
}

/// Every field is read back, also of a client without an address and a user agent.
pub async fn a_login_keeps_every_field<S: HistoryStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let agent = "Mozilla/5.0 (\u{e9}; 'x'; \"y\"; %; _)";
    let methods = Amr::of([Method::PASSWORD, Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR]);
    let known = login(ada.clone(), 2).methods(methods).ip(Some([203, 0, 113, 7].into())).user_agent(Some(agent));
    let unknown = refused(ada.clone(), 1);
    let bare = login(ada.clone(), 0).ip("2001:db8::7".parse().ok());
    for entry in [&unknown, &known, &bare] {
        keep(&store, entry).await;
    }
    assert_eq!(all(&store, &ada).await, [known, unknown, bare]);
}

/// The latest come first, whatever the order of writing, and a list begins at its time.
pub async fn logins_are_listed_from_the_latest_since_a_time<S: HistoryStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    for seconds in [20, 0, 10] {
        keep(&store, &login(ada.clone(), seconds)).await;
        keep(&store, &refused(bob.clone(), seconds)).await;
    }
    let times = |entries: Vec<LoginEntry<S::Id>>| entries.into_iter().map(|entry| entry.at).collect::<Vec<_>>();
    assert_eq!(times(all(&store, &ada).await), [20, 10, 0].map(sample::later));
    let since = store.list_logins(&ada, sample::later(10)).await.expect("listing does not fail");
    assert!(since.iter().all(|entry| entry.user_id == ada));
    assert_eq!(times(since), [20, 10].map(sample::later));
    assert!(store.list_logins(&ada, sample::later(21)).await.expect("listing does not fail").is_empty());
}

/// The oldest rows go, and refused logins push no login out.
pub async fn lh2_the_latest_logins_and_refusals_are_kept_separately<S: HistoryStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    keep(&store, &login(bob.clone(), 0)).await;
    for seconds in 0..5 {
        keep(&store, &login(ada.clone(), seconds)).await;
    }
    for seconds in 10..20 {
        keep(&store, &refused(ada.clone(), seconds)).await;
    }
    let times: Vec<_> =
        all(&store, &ada).await.into_iter().map(|entry| (entry.outcome.is_success(), entry.at)).collect();
    let expected = [(false, 19), (false, 18), (false, 17), (true, 4), (true, 3), (true, 2)];
    assert_eq!(times, expected.map(|(is_login, seconds)| (is_login, sample::later(seconds))));
    assert_eq!(all(&store, &bob).await.len(), 1);
    // A smaller number takes effect with the next row.
    store.insert_login(&login(ada.clone(), 30), 1).await.expect("a row is accepted");
    assert_eq!(all(&store, &ada).await.len(), 4);
}

/// Of logins at the same time no more stay than may.
pub async fn lh2_of_sixteen_logins_at_once_no_more_stay_than_may<S: HistoryStore>(store: S, profile: S::Profile) {
    let ada = person(&store, "ada", &profile).await;
    let user = ada.clone();
    let (store, outcomes) = compete(store, |store, number| {
        let entry = if number % 2 == 0 { login(user.clone(), 5) } else { refused(user.clone(), 5) };
        async move { store.insert_login(&entry, MOST).await }
    })
    .await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let kept = all(&*store, &ada).await;
    let logins = kept.iter().filter(|entry| entry.outcome.is_success()).count();
    assert_eq!((logins, kept.len() - logins), (MOST as usize, MOST as usize));
}

/// A deleted user leaves no row, and gets none any more.
pub async fn x13_logins_go_with_their_user<S: HistoryStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    keep(&store, &login(ada.clone(), 0)).await;
    keep(&store, &login(bob.clone(), 0)).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.delete(&mut tx, &ada).await.expect("deleting does not fail");
    drop(tx);
    assert_eq!(all(&store, &ada).await.len(), 1, "a dropped transaction deletes nothing");
    assert!(remove(&store, &ada).await);
    assert_eq!(all(&store, &ada).await, []);
    let late = store.insert_login(&login(ada.clone(), 1), MOST).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(all(&store, &ada).await, []);
    assert_eq!(all(&store, &bob).await.len(), 1);
}

/// A purge deletes what is before a time, of all users, and nothing else.
pub async fn lh5_purging_takes_old_logins<S: HistoryStore>(store: S, profile: S::Profile) {
    let (ada, bob) = (person(&store, "ada", &profile).await, person(&store, "bob", &profile).await);
    for seconds in [0, 10] {
        keep(&store, &login(ada.clone(), seconds)).await;
        keep(&store, &refused(bob.clone(), seconds)).await;
    }
    assert_eq!(store.purge_logins(sample::later(10)).await.expect("purging does not fail"), 2);
    for user in [&ada, &bob] {
        let left = all(&store, user).await;
        assert_eq!((left.len(), left[0].at), (1, sample::later(10)));
    }
    assert_eq!(store.purge_logins(sample::later(10)).await.expect("purging does not fail"), 0);
}

//! The rules for sessions: what is found by a digest, what ends a session, and that a session lives no longer than its user.

use super::{added, change, remove, sample};
use crate::{
    Session, SessionDigest, SessionFilter, SessionId, SessionStore, StoreError,
    user::{Record, Stamp},
};

fn assert_same<I: PartialEq + std::fmt::Debug>(found: &Session<I>, expected: &Session<I>) {
    let Session { id, digest, user_id, stamp, backend, authenticated_at, seen_at, expires_at, ip, user_agent } =
        expected;
    assert_eq!(found.id, *id, "the id");
    assert_eq!(found.digest.as_str(), digest.as_str(), "the digest");
    assert_eq!(found.user_id, *user_id, "the user");
    assert_eq!(found.stamp, *stamp, "the stamp");
    assert_eq!(found.backend, *backend, "the backend");
    assert_eq!(found.authenticated_at, *authenticated_at, "authenticated_at, to the microsecond");
    assert_eq!(found.seen_at, *seen_at, "seen_at, to the microsecond");
    assert_eq!(found.expires_at, *expires_at, "expires_at, to the microsecond");
    assert_eq!(found.ip, *ip, "the address of the client");
    assert_eq!(found.user_agent, *user_agent, "the user agent");
}

async fn find<S: SessionStore>(store: &S, digest: &SessionDigest) -> Option<Session<S::Id>> {
    store.find_session(digest).await.expect("looking up does not fail").map(|(session, _)| session)
}

/// A user with one session.
async fn logged_in<S: SessionStore>(store: &S, profile: &S::Profile, name: &str) -> Session<S::Id> {
    let user = added(store, &sample::account(&format!("{name}@example.com"), profile.clone())).await.user;
    let session = sample::session(&user.id, name);
    store.insert_session(&session).await.expect("a new session is accepted");
    session
}

/// Every field of a session is read back.
pub async fn a_session_keeps_every_field<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
    let address = "2001:db8::7".parse().expect("an address");
    let other =
        Session { ip: Some(address), backend: "cookie".to_owned(), ..sample::session(&session.user_id, "other") };
    store.insert_session(&other).await.expect("a user may have two");
    assert_same(&find(&store, &other.digest).await.expect("it is found"), &other);
}

/// A session without the address and the agent of its client stays without them.
pub async fn a_session_may_come_from_nowhere<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let session = Session { ip: None, user_agent: None, ..sample::session(&user.id, "ada") };
    store.insert_session(&session).await.expect("a new session is accepted");
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
}

/// What a client says of itself is a text and nothing more.
pub async fn x9_a_user_agent_is_kept_as_it_is<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let agents = ["", "'; DROP TABLE usermgr_users; --", "\\\" \u{1f980} \u{202e} %s ?1 $1\r\n", &"x".repeat(4096)];
    for (number, agent) in agents.into_iter().enumerate() {
        let session = Session { user_agent: Some(agent.to_owned()), ..sample::session(&user.id, &number.to_string()) };
        store.insert_session(&session).await.expect("a new session is accepted");
        assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
    }
}

/// A NUL byte is read back, or the session is refused as a whole; it cuts nothing off.
pub async fn u5_a_nul_byte_is_kept_or_refused<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let session = Session { user_agent: Some("a\0b".to_owned()), ..sample::session(&user.id, "ada") };
    let accepted = store.insert_session(&session).await.is_ok();
    let found = find(&store, &session.digest).await;
    assert_eq!(found.map(|found| found.user_agent), accepted.then_some(session.user_agent));
}

/// A digest that nobody has is `None`, not an error.
pub async fn an_unknown_digest_is_no_session<S: SessionStore>(store: S, profile: S::Profile) {
    logged_in(&store, &profile, "ada").await;
    for digest in [SessionDigest::of("another"), SessionDigest::from_stored(""), SessionDigest::from_stored("%")] {
        assert!(find(&store, &digest).await.is_none());
    }
}

/// A second session with the id or the digest of the first is a conflict, and the first stays as it is.
pub async fn s2_an_insert_never_replaces_a_session<S: SessionStore>(store: S, profile: S::Profile) {
    let first = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let same_id = Session { id: first.id.clone(), ..sample::session(&bob.user_id, "other") };
    let same_digest = Session { digest: first.digest.clone(), ..sample::session(&bob.user_id, "other") };
    for session in [same_id, same_digest] {
        let outcome = store.insert_session(&session).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    assert_same(&find(&store, &first.digest).await.expect("it is found"), &first);
    assert!(find(&store, &SessionDigest::of("other")).await.is_none());
}

/// A session is found together with its user's record of now, not of the login.
pub async fn a_session_comes_with_its_user_as_he_is_now<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    logged_in(&store, &profile, "bob").await;
    let (_, mut record) =
        store.find_session(&session.digest).await.expect("looking up does not fail").expect("it is found");
    assert_eq!((&record.user.id, record.version), (&session.user_id, 0));
    record.user.is_active = false;
    record.stamp = Stamp::from_bytes([1; 16]);
    change(&store, &record).await.expect("the update applies");
    let (found, now) =
        store.find_session(&session.digest).await.expect("looking up does not fail").expect("it is found");
    assert_eq!((now.user.is_active, now.stamp, now.version), (false, record.stamp, 1));
    assert_same(&found, &session);
}

/// A touch sets `seen_at`; touching what is not there is no error.
pub async fn touching_changes_when_it_was_seen_and_nothing_else<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let other = sample::session(&session.user_id, "other");
    store.insert_session(&other).await.expect("a user may have two");
    store.touch_session(&session.id, sample::later(60)).await.expect("touching does not fail");
    store.touch_session(&SessionId::new("nobody's"), sample::later(60)).await.expect("touching does not fail");
    let touched = find(&store, &session.digest).await.expect("it is found");
    assert_same(&touched, &Session { seen_at: sample::later(60), ..session });
    assert_same(&find(&store, &other.digest).await.expect("it is found"), &other);
}

/// A new stamp of a session becomes visible with the transaction that wrote it.
pub async fn a_restamp_stands_with_its_transaction<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let (_, record) =
        store.find_session(&session.digest).await.expect("looking up does not fail").expect("it is found");
    let stamp = Stamp::from_bytes([7; 16]);
    let mut tx = store.begin().await.expect("a transaction opens");
    store.update(&mut tx, &Record { stamp, ..record }).await.expect("the update applies");
    store.restamp_session(&mut tx, &session.id, &stamp).await.expect("restamping does not fail");
    store.restamp_session(&mut tx, &SessionId::new("nobody's"), &stamp).await.expect("restamping does not fail");
    store.commit(tx).await.expect("the transaction commits");
    let (found, record) =
        store.find_session(&session.digest).await.expect("looking up does not fail").expect("it is found");
    assert_eq!(record.stamp, stamp);
    assert_same(&found, &Session { stamp, ..session });
}

/// A new stamp of a session is gone with the transaction that was dropped.
pub async fn a_restamp_falls_with_its_transaction<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.restamp_session(&mut tx, &session.id, &Stamp::from_bytes([7; 16])).await.expect("restamping does not fail");
    drop(tx);
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
}

/// One session ends if it is the user's; that of another user stays, and the answer is 0 as for one that is not there.
pub async fn s6_a_user_ends_his_own_session_and_no_other<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let nobodys = SessionId::new("nobody's");
    for (user_id, id) in [(&bob.user_id, &ada.id), (&ada.user_id, &nobodys)] {
        assert_eq!(store.revoke_sessions(SessionFilter::One { user_id, id }).await.expect("revoking does not fail"), 0);
        assert!(find(&store, &ada.digest).await.is_some());
    }
    for ended in [1, 0] {
        let own = SessionFilter::One { user_id: &ada.user_id, id: &ada.id };
        assert_eq!(store.revoke_sessions(own).await.expect("revoking does not fail"), ended);
    }
    assert!(find(&store, &ada.digest).await.is_none());
    assert!(find(&store, &bob.digest).await.is_some());
}

/// The name of a session comes out of a URL, and may be anything: one that cannot be ends nothing.
pub async fn u5_a_session_that_cannot_be_is_not_ended<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    for text in ["", "a\0b", "%", "'", "\u{1f980}", &"x".repeat(4096)] {
        let filter = SessionFilter::One { user_id: &session.user_id, id: &SessionId::new(text) };
        assert_eq!(store.revoke_sessions(filter).await.expect("revoking does not fail"), 0, "{text:?}");
    }
    assert!(find(&store, &session.digest).await.is_some());
}

/// All sessions of one user end, counted, and nobody else's.
pub async fn s6_all_sessions_of_a_user_end_and_no_others<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let second = sample::session(&ada.user_id, "second");
    store.insert_session(&second).await.expect("a user may have two");
    let bob = logged_in(&store, &profile, "bob").await;
    assert_eq!(store.revoke_sessions(SessionFilter::User(&ada.user_id)).await.expect("revoking does not fail"), 2);
    assert_eq!(store.revoke_sessions(SessionFilter::User(&ada.user_id)).await.expect("revoking does not fail"), 0);
    for (digest, lives) in [(&ada.digest, false), (&second.digest, false), (&bob.digest, true)] {
        assert_eq!(find(&store, digest).await.is_some(), lives);
    }
}

/// Sessions that ended before the given time are deleted, counted, and no others.
pub async fn purging_takes_what_has_ended<S: SessionStore>(store: S, profile: S::Profile) {
    let living = logged_in(&store, &profile, "ada").await;
    let ended = Session { expires_at: sample::later(10), ..sample::session(&living.user_id, "ended") };
    store.insert_session(&ended).await.expect("a user may have two");
    assert_eq!(store.purge_sessions(sample::later(10)).await.expect("purging does not fail"), 0);
    assert_eq!(store.purge_sessions(sample::later(11)).await.expect("purging does not fail"), 1);
    assert!(find(&store, &ended.digest).await.is_none());
    assert!(find(&store, &living.digest).await.is_some());
}

/// Deleting a user ends his sessions; not committing the deletion does not.
pub async fn x13_sessions_go_with_their_user<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada.user_id).await.expect("deleting does not fail"));
    drop(tx);
    assert!(find(&store, &ada.digest).await.is_some());
    assert!(remove(&store, &ada.user_id).await);
    assert!(find(&store, &ada.digest).await.is_none());
    assert_eq!(store.revoke_sessions(SessionFilter::User(&ada.user_id)).await.expect("revoking does not fail"), 0);
    assert!(find(&store, &bob.digest).await.is_some());
}

/// A login that comes in after its user was deleted leads nowhere: it is refused, or never found.
pub async fn x13_a_session_of_nobody_is_not_found<S: SessionStore>(store: S, profile: S::Profile) {
    let gone = added(&store, &sample::account("ada@example.com", profile)).await.user.id;
    remove(&store, &gone).await;
    let session = sample::session(&gone, "ada");
    // The outcome is the store's choice; one that keeps sessions elsewhere cannot know.
    let _ = store.insert_session(&session).await;
    assert!(find(&store, &session.digest).await.is_none());
}

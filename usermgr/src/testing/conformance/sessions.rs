//! The rules for sessions: what is found by a digest, what ends a session, and that a session does not outlive its user.

use super::{added, change, compete, remove, sample};
use crate::{
    StoreError,
    session::{Amr, Method, SessionActor},
    store::{Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore},
    user::{Record, Stamp},
};

fn assert_same<I: PartialEq + std::fmt::Debug>(found: &Session<I>, expected: &Session<I>) {
    let Session {
        id,
        digest,
        user_id,
        stamp,
        backend,
        authenticated_at,
        amr,
        seen_at,
        expires_at,
        ip,
        user_agent,
        actor,
        rotation,
    } = expected;
    assert_eq!(found.id, *id, "the id");
    assert_eq!(found.digest.as_str(), digest.as_str(), "the digest");
    assert_eq!(found.user_id, *user_id, "the user");
    assert_eq!(found.stamp, *stamp, "the stamp");
    assert_eq!(found.backend, *backend, "the backend");
    assert_eq!(found.authenticated_at, *authenticated_at, "authenticated_at, to the microsecond");
    assert_eq!(found.amr, *amr, "the methods of the login");
    assert_eq!(found.seen_at, *seen_at, "seen_at, to the microsecond");
    assert_eq!(found.expires_at, *expires_at, "expires_at, to the microsecond");
    assert_eq!(found.ip, *ip, "the address of the client");
    assert_eq!(found.user_agent, *user_agent, "the user agent");
    assert_eq!(found.actor, *actor, "the administrator who acts in it");
    let parts = |rotation: &Option<Rotation>| rotation.as_ref().map(|r| (r.digest.as_str().to_owned(), r.rotated_at));
    assert_eq!(parts(&found.rotation), parts(rotation), "the refresh token, to the microsecond");
}

async fn find<S: SessionStore>(store: &S, digest: &SessionDigest) -> Option<Session<S::Id>> {
    store
        .find_session(SessionLookup::Digest(digest))
        .await
        .expect("looking up does not fail")
        .map(|(session, _)| session)
}

/// Ends sessions as an operation does, while their user is held.
async fn revoke<S: SessionStore>(store: &S, filter: SessionFilter<'_, S::Id>) -> u64 {
    let user_id = match filter {
        SessionFilter::User(user_id)
        | SessionFilter::One { user_id, .. }
        | SessionFilter::Others { user_id, .. }
        | SessionFilter::Oldest { user_id, .. } => user_id,
    };
    let mut tx = store.begin().await.expect("a transaction opens");
    store.find_locked(&mut tx, [user_id; 2]).await.expect("looking up does not fail");
    let ended = store.revoke_sessions(&mut tx, filter).await.expect("revoking does not fail");
    store.commit(tx).await.expect("the transaction commits");
    ended
}

/// The name of a signed token, in the present generation.
async fn token<S: SessionStore>(store: &S, name: &str) -> SessionId {
    let generation = store.token_generation().await.expect("the generation is known");
    SessionId::new(generation.map_or_else(|| name.to_owned(), |generation| format!("{generation}.{name}")))
}

async fn end_token<S: SessionStore>(store: &S, id: &SessionId, expires_at: jiff::Timestamp) {
    let mut tx = store.begin().await.expect("a transaction opens");
    store.end_token(&mut tx, id, expires_at).await.expect("ending a token does not fail, nor does ending it again");
    store.commit(tx).await.expect("the transaction commits");
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
    let refreshed = sample::refreshed(sample::session(&session.user_id, "refreshed"), "one");
    store.insert_session(&refreshed).await.expect("a user may have three");
    assert_same(&find(&store, &refreshed.digest).await.expect("it is found"), &refreshed);
}

/// A session is also found by its public name, with its user; nothing is found by an unknown name.
pub async fn a_session_is_found_by_its_name<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    logged_in(&store, &profile, "bob").await;
    let found = store.find_session(SessionLookup::Id(&session.id)).await.expect("looking up does not fail");
    let (found, record) = found.expect("it is found");
    assert_same(&found, &session);
    assert_eq!(record.user.id, session.user_id);
    for name in ["unknown", "", "%", &session.id.as_str().to_uppercase()] {
        let found = store.find_session(SessionLookup::Id(&SessionId::new(name))).await;
        assert!(found.expect("looking up does not fail").is_none(), "{name}");
    }
}

/// The list has every session of the user and none of another user, the latest login first. The count is of the same.
pub async fn s6_the_list_is_a_users_own<S: SessionStore>(store: S, profile: S::Profile) {
    let first = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let later = sample::session(&first.user_id, "later");
    let later = sample::refreshed(Session { authenticated_at: sample::later(5), ..later }, "one");
    store.insert_session(&later).await.expect("a user may have two");
    let list = store.list_sessions(&first.user_id).await.expect("listing does not fail");
    assert_eq!(list.len(), 2);
    assert_same(&list[0], &later);
    assert_same(&list[1], &first);
    assert_eq!(store.list_sessions(&bob.user_id).await.expect("listing does not fail").len(), 1);
    let count = async |user_id: &S::Id| store.count_sessions(user_id).await.expect("counting does not fail");
    assert_eq!((count(&first.user_id).await, count(&bob.user_id).await), (2, 1));
    remove(&store, &bob.user_id).await;
    assert!(store.list_sessions(&bob.user_id).await.expect("listing does not fail").is_empty());
    assert_eq!((count(&first.user_id).await, count(&bob.user_id).await), (2, 0));
}

/// A session without the address and the agent of its client stays without them.
pub async fn a_session_may_come_from_nowhere<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let session = Session { ip: None, user_agent: None, amr: Amr::PASSWORD, ..sample::session(&user.id, "ada") };
    store.insert_session(&session).await.expect("a new session is accepted");
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
}

/// The administrator who acts in a session is read back wherever the session is, and no change of the session loses them.
pub async fn im2_the_administrator_of_a_session_is_kept<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let stored = r#"{"sub":"0190\u00e9","sid":"session-root","backend":"bearer","st":"AAAAAAAAAAA"}"#;
    let actor = SessionActor::from_stored(stored).expect("it is one");
    let session = Session { actor: Some(actor), ..sample::session(&user.id, "ada") };
    store.insert_session(&session).await.expect("a new session is accepted");
    let own = sample::session(&user.id, "own");
    store.insert_session(&own).await.expect("a new session is accepted");
    let mut tx = store.begin().await.expect("a transaction opens");
    let stamp = Stamp::from_bytes([7; 16]);
    store.restamp_session(&mut tx, &session.id, &stamp, &session.amr).await.expect("restamping does not fail");
    store.commit(tx).await.expect("the transaction commits");
    store.touch_session(&session.id, sample::later(60)).await.expect("touching does not fail");
    let changed = Session { stamp, seen_at: sample::later(60), ..session };
    assert_same(&find(&store, &changed.digest).await.expect("it is found"), &changed);
    let by_name = store.find_session(SessionLookup::Id(&changed.id)).await.expect("looking up does not fail");
    assert_same(&by_name.expect("it is found").0, &changed);
    let mut tx = store.begin().await.expect("a transaction opens");
    store.find_locked(&mut tx, [&user.id; 2]).await.expect("looking up does not fail");
    let held = store.find_session_of(&mut tx, &user.id, &changed.id).await.expect("looking up does not fail");
    assert_same(&held.expect("it is found"), &changed);
    drop(tx);
    let listed = store.list_sessions(&user.id).await.expect("listing does not fail");
    assert_eq!(listed.iter().filter(|session| session.actor.is_some()).count(), 1);
    assert_same(&find(&store, &own.digest).await.expect("it is found"), &own);
}

/// The user agent of a client is stored as a text, whatever it contains.
pub async fn x9_a_user_agent_is_kept_as_it_is<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let agents = ["", "'; DROP TABLE usermgr_users; --", "\\\" \u{1f980} \u{202e} %s ?1 $1\r\n", &"x".repeat(4096)];
    for (number, agent) in agents.into_iter().enumerate() {
        let session = Session { user_agent: Some(agent.to_owned()), ..sample::session(&user.id, &number.to_string()) };
        store.insert_session(&session).await.expect("a new session is accepted");
        assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
    }
}

/// A NUL byte is read back, or the session is refused; the text is never truncated.
pub async fn u5_a_nul_byte_is_kept_or_refused<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let session = Session { user_agent: Some("a\0b".to_owned()), ..sample::session(&user.id, "ada") };
    let accepted = store.insert_session(&session).await.is_ok();
    let found = find(&store, &session.digest).await;
    assert_eq!(found.map(|found| found.user_agent), accepted.then_some(session.user_agent));
}

/// An unknown digest is `None`, not an error.
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

/// A session is found together with its user's current record, not that of the login.
pub async fn a_session_comes_with_the_current_record_of_its_user<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    logged_in(&store, &profile, "bob").await;
    let (_, mut record) = store
        .find_session(SessionLookup::Digest(&session.digest))
        .await
        .expect("looking up does not fail")
        .expect("it is found");
    assert_eq!((&record.user.id, record.version), (&session.user_id, 0));
    record.user.is_active = false;
    record.stamp = Stamp::from_bytes([1; 16]);
    change(&store, &record).await.expect("the update applies");
    let (found, now) = store
        .find_session(SessionLookup::Digest(&session.digest))
        .await
        .expect("looking up does not fail")
        .expect("it is found");
    assert_eq!((now.user.is_active, now.stamp, now.version), (false, record.stamp, 1));
    assert_same(&found, &session);
}

/// A touch sets `seen_at`; touching an unknown session is not an error.
pub async fn touching_changes_when_it_was_seen_and_nothing_else<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let other = sample::session(&session.user_id, "other");
    store.insert_session(&other).await.expect("a user may have two");
    store.touch_session(&session.id, sample::later(60)).await.expect("touching does not fail");
    store.touch_session(&SessionId::new("unknown"), sample::later(60)).await.expect("touching does not fail");
    let touched = find(&store, &session.digest).await.expect("it is found");
    assert_same(&touched, &Session { seen_at: sample::later(60), ..session });
    assert_same(&find(&store, &other.digest).await.expect("it is found"), &other);
}

/// A new stamp and new methods of a session become visible with the transaction that wrote them.
pub async fn a_restamp_stands_with_its_transaction<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let (_, record) = store
        .find_session(SessionLookup::Digest(&session.digest))
        .await
        .expect("looking up does not fail")
        .expect("it is found");
    let stamp = Stamp::from_bytes([7; 16]);
    let mut tx = store.begin().await.expect("a transaction opens");
    store.update(&mut tx, &Record { stamp, ..record }).await.expect("the update applies");
    let amr = session.amr.and(&Amr::of([Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR]));
    store.restamp_session(&mut tx, &session.id, &stamp, &amr).await.expect("restamping does not fail");
    store.restamp_session(&mut tx, &SessionId::new("unknown"), &stamp, &amr).await.expect("restamping does not fail");
    store.commit(tx).await.expect("the transaction commits");
    let (found, record) = store
        .find_session(SessionLookup::Digest(&session.digest))
        .await
        .expect("looking up does not fail")
        .expect("it is found");
    assert_eq!(record.stamp, stamp);
    assert_same(&found, &Session { stamp, amr, ..session });
}

/// A new stamp of a session is undone when its transaction is dropped.
pub async fn a_restamp_falls_with_its_transaction<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store
        .restamp_session(&mut tx, &session.id, &Stamp::from_bytes([7; 16]), &Method::KEY.into())
        .await
        .expect("restamping does not fail");
    drop(tx);
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
}

/// A session is found in a transaction by its user and its name, with every field. An ended session and that of another user are not found.
pub async fn w1_a_session_is_seen_while_its_user_is_held<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let sees = async |user_id: &S::Id, id: &SessionId| {
        let mut tx = store.begin().await.expect("a transaction opens");
        store.find_locked(&mut tx, [user_id; 2]).await.expect("looking up does not fail");
        store.find_session_of(&mut tx, user_id, id).await.expect("looking up does not fail")
    };
    assert_same(&sees(&ada.user_id, &ada.id).await.expect("it is found"), &ada);
    assert!(sees(&bob.user_id, &ada.id).await.is_none());
    assert!(sees(&ada.user_id, &SessionId::new("unknown")).await.is_none());
    assert_eq!(revoke(&store, SessionFilter::One { user_id: &ada.user_id, id: &ada.id }).await, 1);
    assert!(sees(&ada.user_id, &ada.id).await.is_none());
}

/// If another transaction holds the user of a session, ending the session waits for that transaction.
pub async fn w1_a_session_does_not_end_while_its_user_is_held<S: SessionStore>(store: S, profile: S::Profile) {
    let store = std::sync::Arc::new(store);
    let session = logged_in(&*store, &profile, "ada").await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.find_locked(&mut tx, [&session.user_id; 2]).await.expect("looking up does not fail");
    let ending = {
        let (store, session) = (std::sync::Arc::clone(&store), session.clone());
        tokio::spawn(
            async move { revoke(&*store, SessionFilter::One { user_id: &session.user_id, id: &session.id }).await },
        )
    };
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!ending.is_finished(), "the session ended while its user was held");
    let seen = store.find_session_of(&mut tx, &session.user_id, &session.id).await.expect("looking up does not fail");
    assert!(seen.is_some(), "the session has ended while its user was held");
    drop(tx);
    assert_eq!(ending.await.expect("the other does not panic"), 1);
    assert!(find(&*store, &session.digest).await.is_none());
}

/// One session ends if it is the user's. That of another user stays, and the result is 0 as for an unknown session.
pub async fn s6_a_user_ends_their_own_session_and_no_other<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let unknown = SessionId::new("unknown");
    for (user_id, id) in [(&bob.user_id, &ada.id), (&ada.user_id, &unknown)] {
        assert_eq!(revoke(&store, SessionFilter::One { user_id, id }).await, 0);
        assert!(find(&store, &ada.digest).await.is_some());
    }
    for ended in [1, 0] {
        let own = SessionFilter::One { user_id: &ada.user_id, id: &ada.id };
        assert_eq!(revoke(&store, own).await, ended);
    }
    assert!(find(&store, &ada.digest).await.is_none());
    assert!(find(&store, &bob.digest).await.is_some());
}

/// The name of a session comes from a URL, and may be any text: an impossible name ends nothing.
pub async fn u5_a_session_that_cannot_be_is_not_ended<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    for text in ["", "a\0b", "%", "'", "\u{1f980}", &"x".repeat(4096)] {
        let filter = SessionFilter::One { user_id: &session.user_id, id: &SessionId::new(text) };
        assert_eq!(revoke(&store, filter).await, 0, "{text:?}");
    }
    assert!(find(&store, &session.digest).await.is_some());
}

/// All sessions of one user end and are counted, and no sessions of others.
pub async fn s6_all_sessions_of_a_user_end_and_no_others<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let second = sample::session(&ada.user_id, "second");
    store.insert_session(&second).await.expect("a user may have two");
    let bob = logged_in(&store, &profile, "bob").await;
    assert_eq!(revoke(&store, SessionFilter::User(&ada.user_id)).await, 2);
    assert_eq!(revoke(&store, SessionFilter::User(&ada.user_id)).await, 0);
    for (digest, lives) in [(&ada.digest, false), (&second.digest, false), (&bob.digest, true)] {
        assert_eq!(find(&store, digest).await.is_some(), lives);
    }
}

/// All sessions of one user except the named one end and are counted, and no sessions of others.
pub async fn s6_all_other_sessions_of_a_user_end<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    for name in ["second", "third"] {
        store.insert_session(&sample::session(&ada.user_id, name)).await.expect("a user may have many");
    }
    for ended in [2, 0] {
        let others = SessionFilter::Others { user_id: &ada.user_id, id: &ada.id };
        assert_eq!(revoke(&store, others).await, ended);
    }
    for (digest, lives) in
        [(&ada.digest, true), (&SessionDigest::of("second"), false), (&SessionDigest::of("third"), false)]
    {
        assert_eq!(find(&store, digest).await.is_some(), lives);
    }
    assert!(find(&store, &bob.digest).await.is_some());
}

/// The oldest sessions of one user end, by the times of their logins and then by their names, except the named one and those of others.
pub async fn s21_the_oldest_sessions_of_a_user_end_and_no_others<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    for (name, second) in [("b", 20), ("a", 20), ("c", 30), ("d", 10)] {
        let later = Session { authenticated_at: sample::later(second), ..sample::session(&ada.user_id, name) };
        store.insert_session(&later).await.expect("a user may have many");
    }
    let ids = async |user_id: &S::Id| {
        let list = store.list_sessions(user_id).await.expect("listing does not fail");
        list.iter().map(|session| session.id.as_str().trim_start_matches("session-").to_owned()).collect::<Vec<_>>()
    };
    let oldest = async |user_id: &S::Id, id: &SessionId, others: u32| {
        let filter = SessionFilter::Oldest { user_id, id, others };
        revoke(&store, filter).await
    };
    // The oldest one is named, and stays.
    assert_eq!(oldest(&ada.user_id, &ada.id, 4).await, 0);
    assert_eq!(oldest(&ada.user_id, &ada.id, 2).await, 2);
    assert_eq!(ids(&ada.user_id).await, ["c", "b", "ada"]);
    assert_eq!(oldest(&bob.user_id, &ada.id, 1).await, 0);
    assert_eq!(oldest(&ada.user_id, &SessionId::new("unknown"), 1).await, 2);
    assert_eq!((ids(&ada.user_id).await, ids(&bob.user_id).await), (vec!["c".to_owned()], vec!["bob".to_owned()]));
    for (name, lives) in [("ada", false), ("a", false), ("b", false), ("c", true), ("bob", true)] {
        assert_eq!(find(&store, &SessionDigest::of(name)).await.is_some(), lives, "{name}");
    }
}

/// A session in which an administrator acts takes no place of the user's own sessions.
pub async fn im5_a_session_of_an_administrator_does_not_count_among_the_oldest<S: SessionStore>(
    store: S,
    profile: S::Profile,
) {
    let ada = logged_in(&store, &profile, "ada").await;
    let actor = SessionActor::from_stored(r#"{"sub":"7","sid":"root","backend":"bearer","st":"AAAAAAAAAAA"}"#);
    assert!(actor.is_some(), "it is one");
    for (name, second, actor) in [("early", -10, actor.clone()), ("own", 10, None), ("late", 20, actor)] {
        let session = Session { authenticated_at: sample::later(second), actor, ..sample::session(&ada.user_id, name) };
        store.insert_session(&session).await.expect("a user may have many");
    }
    let new = SessionId::new("session-new");
    let ended =
        async |others: u32| revoke(&store, SessionFilter::Oldest { user_id: &ada.user_id, id: &new, others }).await;
    assert_eq!((ended(2).await, ended(1).await, ended(1).await), (0, 1, 0));
    for (name, lives) in [("ada", false), ("early", true), ("own", true), ("late", true)] {
        assert_eq!(find(&store, &SessionDigest::of(name)).await.is_some(), lives, "{name}");
    }
}

/// If many logins of one user at the same time each end the oldest sessions beyond a limit, the limit holds.
pub async fn s21_of_sixteen_logins_at_once_no_more_stay_than_may<S: SessionStore>(store: S, profile: S::Profile) {
    let first = logged_in(&store, &profile, "ada").await;
    let user_id = first.user_id.clone();
    let (store, ended) = compete(store, |store, rival| {
        let session = sample::session(&first.user_id, &format!("rival-{rival}"));
        async move {
            store.insert_session(&session).await?;
            let Session { user_id, id, .. } = &session;
            Ok::<_, StoreError>(revoke(&*store, SessionFilter::Oldest { user_id, id, others: 2 }).await)
        }
    })
    .await;
    let ended: u64 = ended.into_iter().map(|ended| ended.expect("neither fails")).sum();
    let left = store.list_sessions(&user_id).await.expect("listing does not fail").len() as u64;
    // Each of two that began at the same moment may end the other.
    assert!((1..=3).contains(&left) && ended == 17 - left, "{ended} of seventeen ended, {left} left");
}

/// A refresh token is replaced if it is the expected one, and nothing else changes: a refresh is not an access.
pub async fn j8_a_rotation_replaces_the_expected_token_only<S: SessionStore>(store: S, profile: S::Profile) {
    let plain = logged_in(&store, &profile, "ada").await;
    let session = sample::refreshed(sample::session(&plain.user_id, "refreshed"), "one");
    store.insert_session(&session).await.expect("a user may have two");
    let (one, two, next) = (SessionDigest::of("one"), SessionDigest::of("two"), sample::rotation("two", 60));
    for (id, expected) in [
        (&session.id, &two),
        (&session.id, &session.digest),
        (&plain.id, &one),
        (&plain.id, &plain.digest),
        (&SessionId::new("unknown"), &one),
    ] {
        assert!(!store.rotate_session(id, expected, &next).await.expect("rotating does not fail"));
    }
    assert_same(&find(&store, &session.digest).await.expect("it is found"), &session);
    assert!(store.rotate_session(&session.id, &one, &next).await.expect("rotating does not fail"));
    assert!(!store.rotate_session(&session.id, &one, &next).await.expect("rotating does not fail"));
    let rotated = Session { rotation: Some(next), ..session };
    assert_same(&find(&store, &rotated.digest).await.expect("it is found"), &rotated);
    assert_same(&find(&store, &plain.digest).await.expect("it is found"), &plain);
}

/// If many replace the same refresh token at the same time, one succeeds.
pub async fn j8_of_sixteen_rotations_of_one_token_one_wins<S: SessionStore>(store: S, profile: S::Profile) {
    let session = logged_in(&store, &profile, "ada").await;
    let session = sample::refreshed(Session { digest: SessionDigest::of("other"), ..session }, "one");
    let session = Session { id: SessionId::new("session-other"), ..session };
    store.insert_session(&session).await.expect("a user may have two");
    let (store, won) = compete(store, |store, rival| {
        let (id, next) = (session.id.clone(), sample::rotation(&format!("child-{rival}"), 60));
        async move { store.rotate_session(&id, &SessionDigest::of("one"), &next).await.map(|won| won.then_some(next)) }
    })
    .await;
    let won: Vec<_> = won.into_iter().filter_map(|won| won.expect("rotating does not fail")).collect();
    assert_eq!(won.len(), 1);
    let stored = find(&*store, &session.digest).await.expect("it is found");
    assert_eq!(stored.rotation.map(|rotation| rotation.digest), Some(won[0].digest.clone()));
}

/// A session that has ended cannot be rotated.
pub async fn j8_an_ended_session_is_not_rotated<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let session = sample::refreshed(sample::session(&user.id, "ada"), "one");
    store.insert_session(&session).await.expect("a new session is accepted");
    revoke(&store, SessionFilter::User(&user.id)).await;
    let next = sample::rotation("two", 60);
    let rotated = store.rotate_session(&session.id, &SessionDigest::of("one"), &next).await;
    assert!(!rotated.expect("rotating does not fail"));
    assert!(find(&store, &session.digest).await.is_none());
    assert!(store.list_sessions(&user.id).await.expect("listing does not fail").is_empty());
}

/// The user is not found through a signed token that has ended, but through every other token.
pub async fn j7_an_ended_token_finds_no_user<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let (ended, other) = (token(&store, "aB-_0").await, token(&store, "Ab-_0").await);
    let finds = async |id, token| {
        let found = store.find_unless_ended(id, token).await.expect("looking up does not fail");
        found.map(|record| record.user.email.to_string())
    };
    assert_eq!(finds(&user.id, &ended).await.as_deref(), Some("ada@example.com"));
    for _ in 0..2 {
        end_token(&store, &ended, sample::later(60)).await;
    }
    assert_eq!(finds(&user.id, &ended).await, None);
    assert_eq!(finds(&user.id, &other).await.as_deref(), Some("ada@example.com"), "letters differ by their case");
    let mut tx = store.begin().await.expect("a transaction opens");
    for (token, has_ended) in [(&ended, true), (&other, false)] {
        assert_eq!(store.has_token_ended(&mut tx, token).await.expect("looking up does not fail"), has_ended);
    }
    drop(tx);
    remove(&store, &user.id).await;
    assert_eq!(finds(&user.id, &other).await, None);
}

/// Ended tokens are deleted and counted when they would have expired, and not before.
pub async fn purging_forgets_ended_tokens<S: SessionStore>(store: S, profile: S::Profile) {
    let user = added(&store, &sample::account("ada@example.com", profile)).await.user;
    let (short, long) = (token(&store, "short").await, token(&store, "long").await);
    end_token(&store, &short, sample::later(10)).await;
    end_token(&store, &long, sample::later(60)).await;
    assert_eq!(store.purge_sessions(sample::later(10)).await.expect("purging does not fail"), 0);
    assert_eq!(store.purge_sessions(sample::later(11)).await.expect("purging does not fail"), 1);
    let found = store.find_unless_ended(&user.id, &long).await.expect("looking up does not fail");
    assert!(found.is_none());
}

/// Sessions that ended before the given time are deleted and counted, and no others.
pub async fn purging_takes_what_has_ended<S: SessionStore>(store: S, profile: S::Profile) {
    let living = logged_in(&store, &profile, "ada").await;
    let ended = Session { expires_at: sample::later(10), ..sample::session(&living.user_id, "ended") };
    store.insert_session(&ended).await.expect("a user may have two");
    assert_eq!(store.purge_sessions(sample::later(10)).await.expect("purging does not fail"), 0);
    assert_eq!(store.purge_sessions(sample::later(11)).await.expect("purging does not fail"), 1);
    assert!(find(&store, &ended.digest).await.is_none());
    assert!(find(&store, &living.digest).await.is_some());
}

/// Deleting a user ends their sessions; a deletion that is not committed does not.
pub async fn x13_sessions_go_with_their_user<S: SessionStore>(store: S, profile: S::Profile) {
    let ada = logged_in(&store, &profile, "ada").await;
    let bob = logged_in(&store, &profile, "bob").await;
    let mut tx = store.begin().await.expect("a transaction opens");
    assert!(store.delete(&mut tx, &ada.user_id).await.expect("deleting does not fail"));
    drop(tx);
    assert!(find(&store, &ada.digest).await.is_some());
    assert!(remove(&store, &ada.user_id).await);
    assert!(find(&store, &ada.digest).await.is_none());
    assert_eq!(revoke(&store, SessionFilter::User(&ada.user_id)).await, 0);
    assert!(find(&store, &bob.digest).await.is_some());
}

/// A session that is inserted after its user was deleted is refused, or never found.
pub async fn x13_a_session_of_an_unknown_user_is_not_found<S: SessionStore>(store: S, profile: S::Profile) {
    let gone = added(&store, &sample::account("ada@example.com", profile)).await.user.id;
    remove(&store, &gone).await;
    let session = sample::session(&gone, "ada");
    // The store may choose; one that keeps sessions elsewhere cannot know.
    let _ = store.insert_session(&session).await;
    assert!(find(&store, &session.digest).await.is_none());
}

//! The rows that the rules write.

use jiff::Timestamp;

use crate::{
    session::{Amr, Method},
    store::{Rotation, Session, SessionDigest, SessionId},
    user::{EmailAddress, NewRecord, PasswordHash, Stamp},
};

/// A time with every digit that a store must keep: six fractional digits of a second.
pub(crate) fn moment() -> Timestamp {
    Timestamp::from_microsecond(1_767_225_600_123_456).expect("in range")
}

/// This many seconds after `moment`.
pub(crate) fn later(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(moment().as_microsecond() + seconds * 1_000_000).expect("in range")
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// An active, unverified account with a password.
pub(crate) fn account<P>(email: &str, profile: P) -> NewRecord<P> {
    NewRecord {
        email: address(email),
        username: None,
        is_active: true,
        is_superuser: false,
        is_verified: false,
        created_at: moment(),
        profile,
        password_hash: Some(PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA")),
        stamp: Stamp::from_bytes(*b"stamp of account"),
    }
}

/// A session of a user, identified by `name`.
pub(crate) fn session<I: Clone>(user_id: &I, name: &str) -> Session<I> {
    Session {
        id: SessionId::new(format!("session-{name}")),
        digest: SessionDigest::of(name),
        user_id: user_id.clone(),
        stamp: Stamp::from_bytes(*b"stamp of session"),
        backend: "bearer".to_owned(),
        authenticated_at: moment(),
        amr: Amr::of([Method::PASSWORD, Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR]),
        seen_at: later(1),
        expires_at: later(3600),
        ip: Some([203, 0, 113, 7].into()),
        user_agent: Some("curl/8.5.0".to_owned()),
        actor: None,
        rotation: None,
    }
}

/// The same session with a refresh token, identified by `token`.
pub(crate) fn refreshed<I>(session: Session<I>, token: &str) -> Session<I> {
    Session { rotation: Some(rotation(token, 2)), ..session }
}

/// A refresh token that is valid from this many seconds after `moment`.
pub(crate) fn rotation(token: &str, seconds: i64) -> Rotation {
    let rotated_by = Some(format!("the client of {token}"));
    Rotation { digest: SessionDigest::of(token), rotated_at: later(seconds), rotated_by }
}

/// A profile with values that profiles are likely to contain.
#[cfg(test)]
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Card {
    pub(crate) name: String,
    pub(crate) nickname: Option<String>,
    pub(crate) credits: u64,
    pub(crate) tags: Vec<String>,
}

#[cfg(test)]
impl Card {
    pub(crate) fn sample() -> Self {
        let tags = vec!["a\0b".to_owned(), "'; DROP TABLE usermgr_users; --".to_owned(), "\u{1f980}".to_owned()];
        Self { name: "Ada \"Countess\" Lovelace".to_owned(), nickname: None, credits: u64::MAX, tags }
    }
}

#[cfg(test)]
impl crate::Profile for Card {
    type Register = Card;
    type Update = Card;
    type AdminUpdate = Card;

    fn create(input: Card) -> Self {
        input
    }

    fn apply(&mut self, update: Card) {
        *self = update;
    }

    fn apply_admin(&mut self, update: Card) {
        *self = update;
    }
}

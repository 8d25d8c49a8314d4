//! A session as the fields of a hash in Redis.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use crate::{
    actor::SessionActor,
    amr::Amr,
    store::{Rotation, Session, SessionDigest, SessionId, StoreError},
    user::{Stamp, UserId},
};

pub(super) const STAMP: &str = "stamp";
pub(super) const AMR: &str = "amr";
pub(super) const SEEN_AT: &str = "seen_at";
pub(super) const REFRESH_DIGEST: &str = "refresh_digest";
pub(super) const ROTATED_AT: &str = "rotated_at";
pub(super) const ROTATED_BY: &str = "rotated_by";

/// Returns the fields of the hash of a session. Fields that are `None` are left out.
pub(super) fn fields<I: UserId>(session: &Session<I>) -> Vec<(&'static str, String)> {
    let rotation = session.rotation.as_ref();
    let all = [
        ("id", Some(session.id.to_string())),
        ("digest", Some(session.digest.as_str().to_owned())),
        ("user_id", Some(session.user_id.to_string())),
        (STAMP, Some(URL_SAFE_NO_PAD.encode(session.stamp.as_bytes()))),
        ("backend", Some(session.backend.clone())),
        ("authenticated_at", Some(text(session.authenticated_at))),
        (AMR, session.amr.to_stored()),
        (SEEN_AT, Some(text(session.seen_at))),
        ("expires_at", Some(text(session.expires_at))),
        ("ip", session.ip.map(|ip| ip.to_string())),
        ("user_agent", session.user_agent.clone()),
        ("actor", session.actor.as_ref().map(SessionActor::to_stored)),
        (REFRESH_DIGEST, rotation.map(|rotation| rotation.digest.as_str().to_owned())),
        (ROTATED_AT, rotation.map(|rotation| text(rotation.rotated_at))),
        (ROTATED_BY, rotation.and_then(|rotation| rotation.rotated_by.clone())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Reads a session from the fields of its hash.
pub(super) fn read<I: UserId>(mut fields: HashMap<String, String>) -> Result<Session<I>, StoreError> {
    let mut take = |name: &'static str| fields.remove(name);
    let unreadable = |name| StoreError::backend(format!("the {name} of a session in Redis cannot be read"));
    let time = |name, value: Option<String>| {
        let microseconds = value.and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(name))?;
        Timestamp::from_microsecond(microseconds).map_err(|_| unreadable(name))
    };
    let rotation = match take(REFRESH_DIGEST) {
        Some(digest) => {
            let rotated_at = time(ROTATED_AT, take(ROTATED_AT))?;
            let rotated_by = take(ROTATED_BY).filter(|by| !by.is_empty());
            Some(Rotation { digest: SessionDigest::from_stored(digest), rotated_at, rotated_by })
        }
        None => None,
    };
    let stamp = take(STAMP).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
    Ok(Session {
        id: SessionId::new(take("id").ok_or_else(|| unreadable("id"))?),
        digest: SessionDigest::from_stored(take("digest").ok_or_else(|| unreadable("digest"))?),
        user_id: take("user_id").and_then(|text| text.parse().ok()).ok_or_else(|| unreadable("user_id"))?,
        stamp: stamp.map(Stamp::from_bytes).ok_or_else(|| unreadable(STAMP))?,
        backend: take("backend").ok_or_else(|| unreadable("backend"))?,
        authenticated_at: time("authenticated_at", take("authenticated_at"))?,
        amr: Amr::from_stored(take(AMR).as_deref()),
        seen_at: time(SEEN_AT, take(SEEN_AT))?,
        expires_at: time("expires_at", take("expires_at"))?,
        // The address is only shown to users, so an invalid one must not end the session.
        ip: take("ip").and_then(|text| text.parse().ok()),
        user_agent: take("user_agent"),
        // A session that cannot be read must not become one of the user.
        actor: take("actor")
            .map(|text| SessionActor::from_stored(&text).ok_or_else(|| unreadable("actor")))
            .transpose()?,
        rotation,
    })
}

pub(super) fn text(time: Timestamp) -> String {
    time.as_microsecond().to_string()
}

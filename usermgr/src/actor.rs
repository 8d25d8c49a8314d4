//! The administrator who acts in a session as its user, as the session, its token and its row name them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The administrator who acts in a session as its user (RFC 8693, 1.1: impersonation would hide them, delegation does
/// not). [`impersonate`](crate::Administration::impersonate) makes such sessions.
///
/// The serialized form has the id alone, since the user of the session sees it. A token has the claim `act` (RFC 8693,
/// 4.1), and a store writes [`to_stored`](Self::to_stored).
///
/// ```
/// use usermgr::session::SessionActor;
///
/// let stored = r#"{"sub":"7","sid":"a","backend":"cookie","st":"AAAA"}"#;
/// let actor = SessionActor::from_stored(stored).ok_or("no actor")?;
/// assert_eq!(serde_json::to_string(&actor)?, r#"{"id":"7"}"#);
/// assert_eq!(actor.to_stored(), stored);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionActor {
    /// The id of the administrator, as text.
    pub id: String,
    /// The name of the administrator's own session. With its end, this one ends too. Without it the administrator has no
    /// right, so that what was shown cannot come back as a session.
    #[serde(skip)]
    pub(crate) session: String,
    /// The backend of that session.
    #[serde(skip)]
    pub(crate) backend: String,
    /// The part of the administrator's stamp that tokens carry.
    #[serde(skip)]
    pub(crate) stamp: String,
}

/// The claim `act`, which is the form in a store too.
#[derive(Serialize, Deserialize)]
struct Act<'a> {
    sub: Cow<'a, str>,
    sid: Cow<'a, str>,
    backend: Cow<'a, str>,
    st: Cow<'a, str>,
}

impl SessionActor {
    /// Returns the text for a store to write: the claim `act` of a token, in JSON.
    pub fn to_stored(&self) -> String {
        // An object of texts can always be written.
        serde_json::to_string(&self.act()).unwrap_or_default()
    }

    /// Makes the administrator from the text of a store. Returns `None` for any other text. That is a failure of the store
    /// and not a session of the user.
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str::<Act<'_>>(text).ok().map(Into::into)
    }

    fn act(&self) -> Act<'_> {
        let Self { id, session, backend, stamp } = self;
        Act { sub: id.into(), sid: session.into(), backend: backend.into(), st: stamp.into() }
    }
}

impl From<Act<'_>> for SessionActor {
    fn from(Act { sub, sid, backend, st }: Act<'_>) -> Self {
        Self { id: sub.into_owned(), session: sid.into_owned(), backend: backend.into_owned(), stamp: st.into_owned() }
    }
}

/// For the claim of a token: `#[serde(with = "act")]`.
pub(crate) mod act {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Act, SessionActor};

    pub(crate) fn serialize<S: Serializer>(actor: &Option<SessionActor>, serializer: S) -> Result<S::Ok, S::Error> {
        actor.as_ref().map(SessionActor::act).serialize(serializer)
    }

    /// A claim that is there and is no such object makes the token invalid.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SessionActor>, D::Error> {
        Ok(Some(Act::deserialize(deserializer)?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn im2_a_text_that_names_no_administrator_is_none() {
        for text in ["", "null", "{}", "7", r#"{"sub":"7"}"#, r#"{"sub":7,"sid":"a","backend":"b","st":"c"}"#] {
            assert_eq!(SessionActor::from_stored(text), None, "{text:?}");
        }
    }
}

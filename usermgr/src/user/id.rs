//! Types of user ids: [`Uuid`], `i64` or `String`.

use std::{
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The type of a user's id. A path segment that cannot be parsed as an id gets the response 404, as an unknown id does.
///
/// ```
/// use usermgr::user::UserId;
/// assert!(uuid::Uuid::generate(jiff::Timestamp::now()).is_some());
/// assert!(i64::generate(jiff::Timestamp::now()).is_none(), "the database numbers the rows");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of users",
    label = "the trait `UserId` is not implemented for it",
    note = "use `uuid::Uuid`, `i64` or `String`"
)]
pub trait UserId:
    Clone + Debug + Display + Eq + Hash + FromStr + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Generates a new id. Returns `None` if the database generates ids of this type.
    fn generate(now: Timestamp) -> Option<Self>;
}

/// Generates version 7 (RFC 9562). These ids are in the order of creation, so an index on them grows only at its end.
impl UserId for Uuid {
    fn generate(now: Timestamp) -> Option<Self> {
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        Some(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)))
    }
}

impl UserId for i64 {
    fn generate(_: Timestamp) -> Option<Self> {
        None
    }
}

impl UserId for String {
    fn generate(now: Timestamp) -> Option<Self> {
        Uuid::generate(now).map(|id| id.simple().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_follow_the_clock() {
        let early = Uuid::generate(Timestamp::UNIX_EPOCH).unwrap();
        let late = Uuid::generate(Timestamp::from_second(1_700_000_000).unwrap()).unwrap();
        assert!(early < late);
        assert_eq!(late.get_version_num(), 7);
    }
}

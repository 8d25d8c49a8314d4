//! Storage of the login history: one row for each login and each refused login of a user, and the trait [`HistoryStore`].

use std::{fmt, future::Future, net::IpAddr};

use jiff::Timestamp;

use super::{CredentialId, StoreError, UserStore};
use crate::amr::Amr;

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// The user was logged in.
    LoggedIn,
    /// The login was refused, for this reason in plain words, such as `wrong password`, of at most 64 bytes.
    Refused(String),
}

impl LoginOutcome {
    /// Returns whether the user was logged in.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::LoggedIn)
    }

    /// Returns the reason of a refusal.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::LoggedIn => None,
            Self::Refused(reason) => Some(reason),
        }
    }

    /// Creates the outcome from the reason that a store has read. Without a reason it is a login.
    pub fn from_stored(reason: Option<&str>) -> Self {
        reason.map_or(Self::LoggedIn, |reason| Self::Refused(reason.to_owned()))
    }
}

/// The reason of a refusal, or `logged in`.
impl fmt::Display for LoginOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().unwrap_or("logged in"))
    }
}

/// A row of the login history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginEntry<I> {
    /// The name of the row, at most 64 characters. Names that are made later are greater.
    pub id: String,
    /// The user.
    pub user_id: I,
    /// When it was, with microsecond precision.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: LoginOutcome,
    /// The methods with which the user was authenticated. Empty for a refused login.
    pub methods: Amr,
    /// The address of the client, if it was known.
    pub ip: Option<IpAddr>,
    /// The user agent of the client, if it was sent, cut to 512 bytes.
    pub user_agent: Option<String>,
}

impl<I> LoginEntry<I> {
    /// Creates a row with a new name, of a client without an address and a user agent.
    pub fn new(user_id: I, at: Timestamp, outcome: LoginOutcome) -> Self {
        let id = CredentialId::generate(at).as_str().to_owned();
        Self { id, user_id, at, outcome, methods: Amr::of([]), ip: None, user_agent: None }
    }

    /// Sets the methods.
    #[must_use]
    pub fn methods(self, methods: Amr) -> Self {
        Self { methods, ..self }
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn ip(self, ip: Option<IpAddr>) -> Self {
        Self { ip, ..self }
    }

    /// Sets the user agent of the client, and cuts it to 512 bytes.
    #[must_use]
    pub fn user_agent(self, user_agent: Option<&str>) -> Self {
        const MOST: usize = 512;
        let cut = |text: &str| text[..text.floor_char_boundary(MOST)].to_owned();
        Self { user_agent: user_agent.map(cut), ..self }
    }
}

/// A store that keeps the login history.
///
/// # Contract
/// The conformance kit checks these rules in its group `history`:
/// - [`insert_login`](Self::insert_login) keeps the latest rows of a user, logins and refused logins separately, also if
///   several are written at once.
/// - Deleting a user deletes the rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no login history",
    label = "the trait `HistoryStore` is not implemented for it",
    note = "`SqliteStore`, `PgStore`, `MysqlStore` and `MemoryStore` keep one; without it the engine is built without the part `LoginHistory`"
)]
pub trait HistoryStore: UserStore {
    /// Writes a row, and deletes the older rows of the same user and the same kind, a login or a refused one, beyond the
    /// latest `most`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the user was deleted.
    fn insert_login(
        &self,
        entry: &LoginEntry<Self::Id>,
        most: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Returns the rows of a user since this time, the latest first.
    fn list_logins(
        &self,
        user_id: &Self::Id,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<LoginEntry<Self::Id>>, StoreError>> + Send;

    /// Deletes the rows of all users before this time. Returns how many it deleted.
    fn purge_logins(&self, before: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

//! Lists of accounts, page by page, for administration.

use std::{fmt::Display, future::Future, sync::Arc};

use serde::Serialize;

use super::{ListedOf, StoreError, UserStore};
use crate::user::{NoProfile, Profile, Record, StoredProfile, User};
use uuid::Uuid;

/// A store that can list its accounts.
pub trait Directory: UserStore {
    /// Returns the accounts behind `query.after` in the order of their ids, at most `query.limit`.
    fn list(&self, query: &ListQuery<Self::Id>)
    -> impl Future<Output = Result<Vec<ListedOf<Self>>, StoreError>> + Send;
}

/// An account in a list. An account whose profile cannot be read is included, so that it neither breaks the list nor
/// disappears from it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Listed<P, I> {
    /// The user.
    User(User<P, I>),
    /// The user without the profile, and the error of reading the profile.
    Unreadable(User<NoProfile, I>, Arc<StoreError>),
}

impl<P, I> Listed<P, I> {
    /// Returns the id of the account.
    pub fn id(&self) -> &I {
        match self {
            Self::User(user) => &user.id,
            Self::Unreadable(user, _) => &user.id,
        }
    }

    /// Returns the user, or `None` if the profile cannot be read.
    pub fn into_user(self) -> Option<User<P, I>> {
        match self {
            Self::User(user) => Some(user),
            Self::Unreadable(..) => None,
        }
    }
}

impl<P: Profile, I: Clone + Display> From<Record<StoredProfile, I>> for Listed<P, I> {
    fn from(stored: Record<StoredProfile, I>) -> Self {
        match stored.read() {
            Ok(record) => Self::User(record.user),
            Err(error) => Self::Unreadable(stored.user.without_profile(), error.into()),
        }
    }
}

/// A request for one page of the list. The default is the first page, with at most 50 accounts.
///
/// ```
/// use usermgr::store::ListQuery;
/// let query = ListQuery::default().after(17_i64).limit(100);
/// assert_eq!((query.after, query.limit), (Some(17), 100));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListQuery<I> {
    /// The id of the last account of the previous page. `None` for the first page.
    pub after: Option<I>,
    /// How many accounts the page has at most: 1 to [`ListQuery::MAX_LIMIT`].
    pub limit: u32,
}

impl<I> ListQuery<I> {
    /// The largest number of accounts on a page.
    pub const MAX_LIMIT: u32 = 200;

    /// Continues after the account with this id, the last one of the previous page.
    #[must_use]
    pub fn after(mut self, id: I) -> Self {
        self.after = Some(id);
        self
    }

    /// Sets how many accounts the page has at most.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Brings the limit into its range.
    pub(crate) fn bounded(self) -> Self {
        let limit = self.limit.clamp(1, Self::MAX_LIMIT);
        self.limit(limit)
    }
}

impl<I> Default for ListQuery<I> {
    /// Returns the query for the first 50 accounts.
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}

/// A page of accounts with the cursor of the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(bound(serialize = "P: Profile, I: Serialize"))]
#[non_exhaustive]
pub struct Page<P = NoProfile, I = Uuid> {
    /// The accounts, in the order of their ids.
    pub users: Vec<User<P, I>>,
    /// The accounts of this page whose profile cannot be read, without the profile. They are not in `users`. They can
    /// be deactivated and deleted, and the log says what is wrong with each. The JSON has this field only if there are
    /// such accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<User<NoProfile, I>>,
    /// The value of `after` that requests the next page. `None` on the last page.
    pub next_cursor: Option<String>,
}

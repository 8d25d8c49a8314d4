//! Listing accounts page by page, for administration.

use std::{fmt::Display, future::Future, sync::Arc};

use serde::Serialize;

use super::{ListedOf, StoreError, UserStore};
use crate::user::{NoProfile, Profile, Record, StoredProfile, User};
use uuid::Uuid;

/// A store that can list its accounts.
pub trait Directory: UserStore {
    /// The accounts behind `query.after` in the order of their ids, at most `query.limit` of them.
    fn list(&self, query: &ListQuery<Self::Id>)
    -> impl Future<Output = Result<Vec<ListedOf<Self>>, StoreError>> + Send;
}

/// An account in a list. One whose profile cannot be read is there too, so that it neither hides the others nor is hidden itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Listed<P, I> {
    /// The user.
    User(User<P, I>),
    /// The user without the profile, with the error that reading it gave.
    Unreadable(User<NoProfile, I>, Arc<StoreError>),
}

impl<P, I> Listed<P, I> {
    /// The id of the account.
    pub fn id(&self) -> &I {
        match self {
            Self::User(user) => &user.id,
            Self::Unreadable(user, _) => &user.id,
        }
    }

    /// The user; `None` where the profile cannot be read.
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

/// Which part of the list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery<I> {
    /// The id of the last account of the page before; `None` for the first page.
    pub after: Option<I>,
    /// How many accounts at most, from 1 to [`ListQuery::MAX_LIMIT`].
    pub limit: u32,
}

impl<I> ListQuery<I> {
    /// The most accounts a page can hold.
    pub const MAX_LIMIT: u32 = 200;
}

impl<I> Default for ListQuery<I> {
    /// The first fifty.
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}

/// A page of accounts with the cursor of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(bound(serialize = "P: Profile, I: Serialize"))]
pub struct Page<P = NoProfile, I = Uuid> {
    /// The accounts, in the order of their ids.
    pub users: Vec<User<P, I>>,
    /// Those among them whose profile cannot be read, without it: they are not in `users`, can be deactivated and deleted, and the log
    /// says what is wrong with each. In JSON the field is there only when they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<User<NoProfile, I>>,
    /// What to ask for as `after` to get the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

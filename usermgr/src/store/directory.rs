//! Listing accounts page by page, for administration.

use std::future::Future;

use serde::Serialize;

use super::{StoreError, UserOf, UserStore};

/// A store that can list its accounts.
pub trait Directory: UserStore {
    /// The accounts behind `query.after` in the order of their ids, at most `query.limit` of them.
    fn list(&self, query: &ListQuery<Self::Id>) -> impl Future<Output = Result<Vec<UserOf<Self>>, StoreError>> + Send;
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
pub struct Page<U> {
    /// The accounts, in the order of their ids.
    pub users: Vec<U>,
    /// What to ask for as `after` to get the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

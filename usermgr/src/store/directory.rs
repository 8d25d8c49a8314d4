//! Lists of accounts, page by page, for administration.

use std::{fmt::Display, future::Future, ops::Bound, sync::Arc};

use serde::Serialize;

use super::{ListedOf, StoreError, UserStore};
use crate::user::{EmailAddress, NoProfile, Profile, Record, StoredProfile, User, Username};
use uuid::Uuid;

/// A store that can list and search its accounts.
pub trait Directory: UserStore {
    /// Returns the accounts behind `query.after` in the order of their ids, at most `query.limit`.
    fn list(&self, query: &ListQuery<Self::Id>)
    -> impl Future<Output = Result<Vec<ListedOf<Self>>, StoreError>> + Send;

    /// Returns the accounts that [match](UserFilter::matches) the filter, behind `query.after` in the order of their
    /// [canonical](EmailAddress::canonical) addresses, at most `query.limit`. The unique index of the addresses
    /// [serves](UserFilter::keys) this order, so a prefix costs as much as the accounts that have it. The unique index of
    /// the user names serves a [prefix of names](UserFilter::username_keys).
    fn search(
        &self,
        filter: &UserFilter,
        query: &ListQuery<EmailAddress>,
    ) -> impl Future<Output = Result<Vec<ListedOf<Self>>, StoreError>> + Send;
}

/// What the accounts of a search have in common. The default matches every account.
///
/// ```
/// use usermgr::store::UserFilter;
/// let filter = UserFilter::default().email_prefix("Ada").active(false);
/// assert_eq!((filter.is_active, filter.is_superuser), (Some(false), None));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserFilter {
    /// Whether they are active. `None` for both.
    pub is_active: Option<bool>,
    /// Whether they are superusers. `None` for both.
    pub is_superuser: Option<bool>,
    /// Whether their address is verified. `None` for both.
    pub is_verified: Option<bool>,
    /// The beginning of their canonical address.
    prefix: String,
    /// The beginning of their canonical user name.
    username_prefix: String,
}

impl UserFilter {
    /// Sets how their address begins, in any case and normalization. The empty text is the beginning of every address.
    /// A label of a domain with letters beyond ASCII is found when it is complete, because it is stored as one code.
    #[must_use]
    pub fn email_prefix(mut self, typed: &str) -> Self {
        EmailAddress::for_lookup(typed).canonical().clone_into(&mut self.prefix);
        self
    }

    /// Sets how their user name begins, in any case. The empty text matches every user. Another text matches no user without
    /// a name.
    ///
    /// ```
    /// use usermgr::store::UserFilter;
    /// let filter = UserFilter::default().username_prefix("Ad");
    /// assert_eq!(filter.username_keys(), Some(("ad", Some("ae".to_owned()))));
    /// assert_eq!(UserFilter::default().username_keys(), None);
    /// ```
    #[must_use]
    pub fn username_prefix(mut self, typed: &str) -> Self {
        Username::for_lookup(typed).canonical().clone_into(&mut self.username_prefix);
        self
    }

    /// Sets whether they are active.
    #[must_use]
    pub fn active(mut self, flag: bool) -> Self {
        self.is_active = Some(flag);
        self
    }

    /// Sets whether they are superusers.
    #[must_use]
    pub fn superuser(mut self, flag: bool) -> Self {
        self.is_superuser = Some(flag);
        self
    }

    /// Sets whether their address is verified.
    #[must_use]
    pub fn verified(mut self, flag: bool) -> Self {
        self.is_verified = Some(flag);
        self
    }

    /// Returns whether it matches an account.
    pub fn matches<P, I>(&self, user: &User<P, I>) -> bool {
        let flags = [
            (self.is_active, user.is_active),
            (self.is_superuser, user.is_superuser),
            (self.is_verified, user.is_verified),
        ];
        let is_named =
            || user.username.as_ref().is_some_and(|name| name.canonical().starts_with(&self.username_prefix));
        user.email.canonical().starts_with(&self.prefix)
            && (self.username_prefix.is_empty() || is_named())
            && flags.into_iter().all(|(wanted, flag)| wanted.is_none_or(|wanted| wanted == flag))
    }

    /// Returns where the canonical addresses behind `after` that begin with the prefix start, and the text before which
    /// they end, in the order of code points, which is that of the bytes in UTF-8. The start may be behind the end:
    /// then there are none.
    ///
    /// ```
    /// use std::ops::Bound;
    /// use usermgr::store::UserFilter;
    /// let filter = UserFilter::default().email_prefix("Ada");
    /// assert_eq!(filter.keys(None), (Bound::Included("ada"), Some("adb".to_owned())));
    /// ```
    pub fn keys<'a>(&'a self, after: Option<&'a EmailAddress>) -> (Bound<&'a str>, Option<String>) {
        let start = match after.map(EmailAddress::canonical) {
            Some(after) if after >= self.prefix.as_str() => Bound::Excluded(after),
            _ => Bound::Included(self.prefix.as_str()),
        };
        (start, end_of(&self.prefix))
    }

    /// Returns where the canonical user names that begin with the prefix start, and the text before which they end, in the
    /// order of [`keys`](Self::keys). `None` if the filter has no prefix of names.
    pub fn username_keys(&self) -> Option<(&str, Option<String>)> {
        (!self.username_prefix.is_empty()).then(|| (self.username_prefix.as_str(), end_of(&self.username_prefix)))
    }
}

/// Returns the least text that is greater than all that begin with a prefix. No text is greater than all that begin with
/// the greatest character, so the end has the next character before it.
fn end_of(prefix: &str) -> Option<String> {
    let mut end = prefix.trim_end_matches(char::MAX).chars();
    let next = end.next_back().and_then(|last| (last..=char::MAX).nth(1));
    next.map(|next| format!("{}{next}", end.as_str()))
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

    /// Returns the address of the account.
    pub fn email(&self) -> &EmailAddress {
        match self {
            Self::User(user) => &user.email,
            Self::Unreadable(user, _) => &user.email,
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
    /// What the rows are ordered by, of the last one of the previous page: its id, or the address for a
    /// [search](Directory::search). `None` for the first page.
    pub after: Option<I>,
    /// How many accounts the page has at most: 1 to [`ListQuery::MAX_LIMIT`].
    pub limit: u32,
}

impl<I> ListQuery<I> {
    /// The largest number of accounts on a page.
    pub const MAX_LIMIT: u32 = 200;

    /// Continues after the account with this id, or this address, the last one of the previous page.
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
    /// The accounts, in the order of their ids, or of their canonical addresses after a search.
    pub users: Vec<User<P, I>>,
    /// The accounts of this page whose profile cannot be read, without the profile. They are not in `users`. They can
    /// be deactivated and deleted, and the log says what is wrong with each. The JSON has this field only if there are
    /// such accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<User<NoProfile, I>>,
    /// The value of `after` that requests the next page, as text: an id, or an address after a search. `None` on the
    /// last page.
    pub next_cursor: Option<String>,
}

//! The reader's own language: what the application knows of it, by the type of its users.

use std::sync::Arc;

use crate::store::{UserOf, UserStore};

/// The users of [`Mails`](super::Mails) without a [`locale`](super::Mails::locale), which serves every store.
#[derive(Clone, Copy, Debug)]
pub enum AnyUser {}

/// The language of a user, if it is known.
pub(super) type LocaleOf<U> = Arc<dyn Fn(&U) -> Option<String> + Send + Sync>;

/// Mails for the users of a store.
pub trait ForStore<S: UserStore>: Send + Sync + 'static {
    /// The user's own language, if the application knows it.
    fn locale_of(&self, user: &UserOf<S>) -> Option<String>;
}

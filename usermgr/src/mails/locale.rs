//! The reader's own language: what the application knows of it, by the type of its users.

use std::sync::{Arc, OnceLock};

use super::Mails;
use crate::{
    store::{UserOf, UserStore},
    user::User,
};

/// The users of [`Mails`] without a [`locale`](Mails::locale), which serves every store.
#[derive(Clone, Copy, Debug)]
pub enum AnyUser {}

/// The language of a user, if it is known.
pub(super) type LocaleOf<U> = Arc<dyn Fn(&U) -> Option<String> + Send + Sync>;

impl Mails {
    /// Sets how the application knows the language of a user, as a tag such as `de` or `pt-BR`. It comes before the languages of the
    /// request. Without it, or when it returns `None`, mails have the language of the request, if the reader may have made it: the browser
    /// of an administrator does not choose the language of others.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use usermgr::{mail::Mails, prelude::*, testing::Mailbox};
    ///
    /// #[derive(Clone, Debug, Default, Serialize, Deserialize, Profile)]
    /// struct Customer {
    ///     locale: Option<String>,
    /// }
    ///
    /// let mails = Mails::new("https://shop.example", Mailbox::default())
    ///     .locale(|user: &User<Customer>| user.profile.locale.clone());
    /// let engine = Engine::new(MemoryStore::<Customer>::default()).with(mails)?;
    /// # let _ = engine;
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn locale<P, I>(
        self,
        locale: impl Fn(&User<P, I>) -> Option<String> + Send + Sync + 'static,
    ) -> Mails<User<P, I>> {
        let Self {
            base,
            mailer,
            brand,
            links,
            texts,
            templates,
            folders,
            languages,
            language,
            locale: _,
            renderer,
            ..
        } = self;
        let locale: Option<LocaleOf<User<P, I>>> = Some(Arc::new(locale));
        let composer = OnceLock::new();
        Mails { base, mailer, brand, links, texts, templates, folders, languages, language, locale, renderer, composer }
    }
}

/// Mails for the users of a store.
pub trait ForStore<S: UserStore>: Send + Sync + 'static {
    /// The user's own language, if the application knows it.
    fn of(&self, user: &UserOf<S>) -> Option<String>;
}

impl<S: UserStore> ForStore<S> for Mails<AnyUser> {
    fn of(&self, _: &UserOf<S>) -> Option<String> {
        None
    }
}

impl<S: UserStore> ForStore<S> for Mails<User<S::Profile, S::Id>> {
    fn of(&self, user: &UserOf<S>) -> Option<String> {
        self.locale.as_ref()?(user)
    }
}

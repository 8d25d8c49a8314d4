//! The mails as the messenger of an engine.

use std::sync::Arc;

use super::{
    Mails,
    compose::Letter,
    locale::{AnyUser, ForStore},
};
use crate::{
    context::Context,
    engine::{EngineBuilder, Part},
    error::{HookError, HookFuture},
    mailer::{Mail, Message, Messenger},
    store::{UserOf, UserStore},
};

/// The name of the part.
const NAME: &str = "mails";

impl<U> Mails<U> {
    /// Makes the mail of a message, without sending it: for an application that sends it in its own way. A message that this version does
    /// not know has none.
    ///
    /// # Errors
    /// What is wrong with the settings, or a template that cannot be rendered.
    pub fn compose<S: UserStore>(&self, message: &Message<'_, S>, cx: &Context) -> Result<Option<Mail>, HookError>
    where
        Self: ForStore<S>,
    {
        let Some(letter) = Letter::of(message, cx) else { return Ok(None) };
        let own = self.locale_of(message.user());
        Ok(Some(self.composer()?.mail(&letter, own.as_deref(), cx)?))
    }
}

impl<S: UserStore> ForStore<S> for Mails<AnyUser> {
    fn locale_of(&self, _: &UserOf<S>) -> Option<String> {
        None
    }
}

impl<S: UserStore> ForStore<S> for Mails<UserOf<S>> {
    fn locale_of(&self, user: &UserOf<S>) -> Option<String> {
        self.locale.as_ref()?(user)
    }
}

impl<S: UserStore, U> Part<S> for Mails<U>
where
    Self: ForStore<S>,
{
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        if let Err(error) = self.composer() {
            engine.add_fault(error);
        }
        engine.set_messenger(Arc::new(self));
    }
}

impl<S: UserStore, U> Messenger<S> for Mails<U>
where
    Self: ForStore<S>,
{
    fn send<'a>(&'a self, message: Message<'a, S>, cx: &'a Context) -> HookFuture<'a, HookError> {
        Box::pin(async move {
            match self.compose(&message, cx)? {
                Some(mail) => Ok(self.mailer.send(mail).await?),
                None => Ok(()),
            }
        })
    }
}

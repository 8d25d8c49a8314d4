//! How a message gets to the engine's messenger: at once where a row of the outbox is delivered, else in the background.

use std::{future::ready, sync::Arc};

use super::{Engine, outbox::DeliveryAttempt};
use crate::{
    audit::{Event, EventKind},
    containment::contained,
    context::Context,
    error::{HookError, HookFuture},
    mail::{Message, Messenger},
    store::UserStore,
};

impl<S: UserStore> Engine<S> {
    /// Hands a message to the messenger, if the engine has one. While the outbox is delivered, that is awaited, and a failure is tried again
    /// with the row; else the message goes to the background, where its failure is an event `hook_failed`.
    ///
    /// A hook that is written calls it for the message that the provided hook would send:
    ///
    /// ```
    /// # use usermgr::{mail::Message, prelude::*}; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_reset_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
    ///     println!("{} has a new password", user.id);
    ///     self.engine.tell(Message::PasswordChanged { user }, cx).await
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the messenger while the outbox is delivered; else only when too many messages wait, more than
    /// [`background_limit`](crate::engine::EngineBuilder::background_limit).
    pub fn tell<'a>(&'a self, message: Message<'a, S>, cx: &'a Context) -> HookFuture<'a, HookError> {
        match &self.messages.messenger {
            None => Box::pin(ready(Ok(()))),
            Some(messenger) if cx.extensions.get::<DeliveryAttempt>().is_some() => {
                // A messenger that panics before it has made its future must do so where that is contained.
                Box::pin(async move { messenger.tell(message, cx).await })
            }
            Some(messenger) => Box::pin(ready(self.tell_later(messenger, &message, cx))),
        }
    }

    fn tell_later(
        &self,
        messenger: &Arc<dyn Messenger<S>>,
        message: &Message<'_, S>,
        cx: &Context,
    ) -> Result<(), HookError> {
        let slot = self.messages.slots.reserve()?;
        let (messenger, message, cx) = (messenger.clone(), message.to_owned(), cx.clone());
        let (audit, clock, limit) = (self.audit.clone(), self.clock.clone(), self.options.hook_timeout);
        slot.spawn(async move {
            let borrowed = message.message();
            let (name, user) = (borrowed.name(), borrowed.user().id.to_string());
            let why = match contained(async { messenger.tell(borrowed, &cx).await }, limit).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => format!("messenger, {name}: {error}"),
                Err(failure) => format!("messenger, {name}, {failure}"),
            };
            audit.record(&Event::about(EventKind::HookFailed, clock.now(), Some(user), Some(why.into()), &cx));
        });
        Ok(())
    }

    /// Whether the engine has a messenger.
    pub(crate) fn has_messenger(&self) -> bool {
        self.messages.messenger.is_some()
    }

    /// Whether the messenger is told of a lock of the login.
    pub(crate) fn tells_lockouts(&self) -> bool {
        self.messages.tells_lockouts && self.has_messenger()
    }
}

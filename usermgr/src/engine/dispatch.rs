//! How a message gets to the engine's messenger: at once during the delivery of an outbox row, otherwise in the
//! background.

use std::{future::ready, sync::Arc};

use super::{Engine, outbox::DeliveryAttempt};
use crate::{
    audit::{Event, EventKind},
    containment::contained,
    context::{Context, RequestedAt},
    error::{HookError, HookFuture},
    mailer::{Message, Messenger},
    store::UserStore,
};

impl<S: UserStore> Engine<S> {
    /// Passes a message to the messenger, if the engine has one. During outbox delivery it waits for the messenger, and
    /// a failure is retried with the row. Otherwise the message is sent in the background, where a failure becomes a
    /// `hook_failed` event.
    ///
    /// A custom hook calls it to send the message that the default hook would send:
    ///
    /// ```
    /// # use usermgr::{mail::Message, prelude::*}; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_reset_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
    ///     println!("{} has a new password", user.id);
    ///     self.engine.send(Message::PasswordChanged { user }, cx).await
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// During outbox delivery, the error of the messenger. Otherwise only if more messages are waiting than
    /// [`background_limit`](crate::engine::EngineBuilder::background_limit) allows.
    pub fn send<'a>(&'a self, message: Message<'a, S>, cx: &'a Context) -> HookFuture<'a, HookError> {
        match &self.messages.messenger {
            None => Box::pin(ready(Ok(()))),
            // No one can receive mail there.
            Some(_) if message.recipient().is_of_service() => Box::pin(ready(Ok(()))),
            Some(messenger) if cx.extensions.get::<DeliveryAttempt>().is_some() => {
                // If the messenger panics before it returns its future, the panic must be contained too.
                Box::pin(async move { messenger.send(message, cx).await })
            }
            Some(messenger) => Box::pin(ready(self.send_later(messenger, &message, cx))),
        }
    }

    fn send_later(
        &self,
        messenger: &Arc<dyn Messenger<S>>,
        message: &Message<'_, S>,
        cx: &Context,
    ) -> Result<(), HookError> {
        let slot = self.messages.slots.reserve()?;
        let (messenger, message, mut cx) = (messenger.clone(), message.to_owned(), cx.clone());
        cx.extensions.insert(RequestedAt(self.clock.now()));
        let (audit, clock, limit) = (self.audit.clone(), self.clock.clone(), self.options.hook_timeout);
        slot.spawn(async move {
            let borrowed = message.message();
            let (name, user) = (borrowed.name(), borrowed.user().id.to_string());
            let (kind, why) = match contained(async { messenger.send(borrowed, &cx).await }, limit).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => {
                    (EventKind::of_failed_hook(error.is_misconfigured()), format!("messenger, {name}: {error}"))
                }
                Err(failure) => (EventKind::HookFailed, format!("messenger, {name}, {failure}")),
            };
            audit.record(Event::about(kind, clock.now(), Some(user), Some(why.into()), &cx));
        });
        Ok(())
    }

    /// Whether the engine has a messenger.
    pub(crate) fn has_messenger(&self) -> bool {
        self.messages.messenger.is_some()
    }

    /// Whether a lockout is sent to the messenger.
    pub(crate) fn sends_lockouts(&self) -> bool {
        self.messages.sends_lockouts && self.has_messenger()
    }

    /// Whether a user is notified that an administrator acts as them.
    pub(crate) fn sends_impersonations(&self) -> bool {
        self.messages.sends_impersonations
    }
}

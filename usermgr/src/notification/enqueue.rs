//! How an operation notifies: with an outbox it writes a row together with its change, otherwise it calls the hook.

use crate::{
    attempts::Attempts,
    context::Context,
    engine::Engine,
    error::{Fault, HookError},
    hook::{after, raise},
    manager::{ManagedUser, UserManager},
    notification::{
        notice::{About, Notice, Recipient},
        payload,
        row::{Call, Notification},
    },
    store::{Lookup, OutboxRecipient, StoreError, UserStore},
    user::EmailAddress,
};

impl<M: UserManager + ?Sized> Notification<M> {
    /// Makes the notice of this notification.
    pub(crate) fn notice<'a>(&self) -> Notice<'a> {
        Notice { name: self.name, requested: self.requested, about: About::Nothing, stamp: None, step: None }
    }
}

/// Whether the engine has an outbox.
pub(crate) fn is_durable<S: UserStore>(engine: &Engine<S>) -> bool {
    engine.outbox().is_some()
}

/// Writes a notification in the transaction of the change that causes it. Does nothing without an outbox.
pub(crate) async fn enqueue<S: UserStore>(
    engine: &Engine<S>,
    tx: &mut S::Tx,
    user: &S::Id,
    notice: &Notice<'_>,
    cx: &Context,
) -> Result<(), StoreError> {
    if let Some(outbox) = engine.outbox() {
        let entry = payload::entry(Recipient::User(user), notice, cx, engine.now())?;
        outbox.push(engine.store(), tx, &entry).await?;
    }
    Ok(())
}

/// Called after the commit of a transaction with these notifications: raises the events of requests, and wakes the
/// delivery of this process. Does nothing without an outbox.
pub(crate) fn enqueued<S: UserStore>(engine: &Engine<S>, user: &S::Id, notices: &[Notice<'_>], cx: &Context) {
    if let Some(outbox) = engine.outbox() {
        for event in notices.iter().filter_map(|notice| notice.requested) {
            raise(engine, event, Some(user), None, cx);
        }
        outbox.wake();
    }
}

/// Writes a notification in its own transaction. Returns `false` without an outbox. A recipient by address is not
/// looked up.
pub(crate) async fn enqueue_alone<S: UserStore>(
    engine: &Engine<S>,
    recipient: Recipient<'_, S::Id>,
    notice: &Notice<'_>,
    cx: &Context,
) -> Result<bool, Fault> {
    let Some(outbox) = engine.outbox() else { return Ok(false) };
    let entry = payload::entry(recipient, notice, cx, engine.now())?;
    let mut attempts = Attempts::default();
    while let Err(error) = outbox.push_alone(engine.store(), &entry).await {
        let StoreError::Stale = error else { return Err(error.into()) };
        if let OutboxRecipient::User(id) = &entry.recipient
            && engine.store().find(Lookup::Id(id)).await?.is_none()
        {
            // The user was deleted in the meantime, so there is nothing to deliver.
            return Ok(true);
        }
        attempts.another_or_busy().await?;
    }
    if let (OutboxRecipient::User(id), Some(event)) = (&entry.recipient, notice.requested) {
        raise(engine, event, Some(id), None, cx);
    }
    outbox.wake();
    Ok(true)
}

/// Calls the hook of a notification, unless a row was enqueued for it.
pub(crate) async fn notify<M: UserManager + ?Sized>(
    manager: &M,
    notification: &Notification<M>,
    user: &ManagedUser<M>,
    address: Option<&EmailAddress>,
    cx: &Context,
) {
    notify_about(manager, notification, user, address.map_or(About::Nothing, About::Address), cx).await;
}

/// Calls the hook of a notification with its additional argument, unless a row was enqueued for it.
pub(crate) async fn notify_about<M: UserManager + ?Sized>(
    manager: &M,
    notification: &Notification<M>,
    user: &ManagedUser<M>,
    about: About<'_>,
    cx: &Context,
) {
    let engine = manager.engine_ref();
    if let Some(outbox) = engine.outbox() {
        outbox.wake();
        return;
    }
    let call = match (&notification.call, about) {
        (Call::User(hook), _) => hook(manager, user, cx),
        (Call::Address(hook), About::Address(address)) => hook(manager, user, address, cx),
        (Call::Factor(hook), About::Factor(factor)) => hook(manager, user, factor, cx),
        (Call::Key(hook), About::Key(key)) => hook(manager, user, key, cx),
        // A request needs a token from the operation: see `request`.
        (Call::Address(_) | Call::Factor(_) | Call::Key(_) | Call::Request(_), _) => return,
    };
    after(engine, notification.hook, Some(&user.id), cx, call).await;
}

/// Calls the hook of a request with the token that was made for it, if there is no outbox, and raises the event.
pub(crate) async fn request<M: UserManager + ?Sized>(
    manager: &M,
    notification: &Notification<M>,
    user: &ManagedUser<M>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) {
    let engine = manager.engine_ref();
    if let Some(event) = notification.requested {
        raise(engine, event, Some(&user.id), None, cx);
    }
    after(engine, notification.hook, Some(&user.id), cx, call).await;
}

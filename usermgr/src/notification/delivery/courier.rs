//! The delivery of one outbox row: claim it, read its user again, call its hook and write the result.

use std::time::Duration;

use super::received::{Received, read};
use super::summary::summary;
use crate::{
    audit::EventKind,
    context::Context,
    error::{Fault, Recognize, operation::is_refusal},
    hook::{Failure, attempt, raise},
    manager::{IdOf, UserManager},
    notification::{
        attempt::Attempt,
        row::{Call, Notification},
    },
    span::later,
    store::{Lookup, OutboxEntry, OutboxRecipient, OutboxStore, UserStore},
};

/// The pause after the first failed attempt. Each later one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// The shortest lease, even if the time limit of hooks is short.
const SHORTEST_LEASE: Duration = Duration::from_secs(10);

/// A manager with the notifications and the errors of all slices.
pub(crate) struct Courier<'a, M: UserManager + ?Sized> {
    pub(super) manager: &'a M,
    notifications: Vec<Notification<M>>,
    errors: Vec<Recognize>,
}

impl<'a, M: UserManager<Store: OutboxStore> + ?Sized> Courier<'a, M> {
    pub(crate) fn new(manager: &'a M, notifications: Vec<Notification<M>>, errors: Vec<Recognize>) -> Self {
        Self { manager, notifications, errors }
    }

    /// Claims at most this number of rows.
    pub(super) async fn claim(&self, most: u32) -> Result<Vec<OutboxEntry<IdOf<M>>>, Fault> {
        let engine = self.manager.engine_ref();
        let (now, (_, limit)) = (engine.now(), engine.delivery());
        let lease = limit.saturating_mul(2).max(SHORTEST_LEASE);
        Ok(engine.store().claim(most, now, later(now, lease)).await?)
    }

    /// Delivers a row and writes the result. Returns whether it was delivered.
    pub(super) async fn one(&self, entry: OutboxEntry<IdOf<M>>) -> bool {
        let engine = self.manager.engine_ref();
        let (most, _) = engine.delivery();
        // An attempt also counts if the process dies in the hook, so that such a hook is not retried without end.
        let outcome = match entry.attempts > most {
            true => Err(Failure::NotCalled("no attempt came to an end".to_owned())),
            false => self.call(&entry).await,
        };
        let (now, store) = (engine.now(), engine.store());
        let noted = match &outcome {
            Ok(()) => store.done(&entry.id).await,
            Err(failure) if !self.is_permanent(failure) && entry.attempts < most => {
                let why = summary(&failure.to_string());
                store.retry(&entry.id, entry.attempts, later(now, pause(entry.attempts)), &why).await
            }
            Err(failure) => {
                let why = summary(&failure.to_string());
                let failed = store.fail(&entry.id, entry.attempts, now, &why).await;
                if failed.is_ok() {
                    let user = match &entry.recipient {
                        OutboxRecipient::User(id) => Some(id),
                        OutboxRecipient::Address(_) => None,
                    };
                    let detail = format!("{}: {failure}", entry.event);
                    raise(engine, EventKind::DeliveryFailed, user, Some(detail.into()), &Context::default());
                }
                failed
            }
        };
        if let Err(error) = noted {
            // The lease expires, and the row is claimed again.
            tracing::error!(target: "usermgr", %error, "the outbox could not be written: the row will be delivered again");
        }
        outcome.is_ok()
    }

    /// Whether a retry would only repeat the failure: the hook said so, or an operation that it called refused.
    fn is_permanent(&self, failure: &Failure) -> bool {
        let Failure::Returned(_, error) = failure else { return false };
        error.is_permanent() || is_refusal(&self.errors, error.source())
    }

    /// Calls the hook of a row, unless its user was deleted or the request is no longer valid.
    async fn call(&self, entry: &OutboxEntry<IdOf<M>>) -> Result<(), Failure> {
        let (manager, engine) = (self.manager, self.manager.engine_ref());
        let notification = self.notifications.iter().find(|notification| notification.name == entry.event);
        let notification =
            notification.ok_or_else(|| Failure::NotCalled("this version does not know the event".to_owned()))?;
        let Received { cx, address, factor, api_key, stamp, step } = read(entry).map_err(Failure::NotCalled)?;
        let (lookup, is_by_address) = match &entry.recipient {
            OutboxRecipient::User(id) => (Lookup::Id(id), false),
            OutboxRecipient::Address(email) => (Lookup::Email(email), true),
        };
        let Some(record) = engine.store().find(lookup).await.map_err(Fault::from)? else { return Ok(()) };
        let user = &record.user;
        let hook = match &notification.call {
            Call::User(hook) => hook(manager, user, &cx),
            Call::Address(hook) => hook(manager, user, address.as_ref().ok_or_else(Failure::no_address)?, &cx),
            Call::Factor(hook) => hook(manager, user, factor.as_ref().ok_or_else(Failure::no_factor)?, &cx),
            Call::Key(hook) => hook(manager, user, api_key.as_ref().ok_or_else(Failure::no_key)?, &cx),
            Call::Request(deliver) => {
                let is_first = is_by_address && entry.attempts == 1;
                let attempt = Attempt {
                    manager,
                    record: &record,
                    cx: &cx,
                    address: address.as_ref(),
                    stamp: stamp.as_deref(),
                    step: step.as_deref(),
                    hook: notification.hook,
                    event: notification.requested.filter(|_| is_first),
                };
                return deliver(&attempt).await;
            }
        };
        let (_, limit) = engine.delivery();
        attempt(engine, limit, notification.hook, Some(&user.id), &cx, hook).await
    }
}

/// The pause of a row after an attempt.
fn pause(attempts: u32) -> Duration {
    let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).and_then(|times| FIRST_PAUSE.checked_mul(times));
    doubled.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_an_hour() {
        let seconds: Vec<_> = [1, 2, 3, 9, 10, 11, 33, u32::MAX].map(|attempts| pause(attempts).as_secs()).into();
        assert_eq!(seconds, [10, 20, 40, 2560, 3600, 3600, 3600, 3600]);
    }
}

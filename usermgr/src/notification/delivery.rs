//! Delivering what the outbox holds: rows are claimed, their users read anew, tokens made, and the hooks called, until none fails.

use std::{future::poll_fn, pin::Pin, task::Poll, time::Duration};

use jiff::Timestamp;

use crate::{
    config_error::ConfigError,
    context::Context,
    error::{Fault, HookError},
    event::EventKind,
    hook::{Failure, attempt, raise},
    manager::UserManager,
    notification::{
        entry::{self, Read},
        notice::Matter,
    },
    slices::{email_change, reset, verification},
    store::{Lookup, OutboxEntry, OutboxRecipient, OutboxStore, RecordOf, StoreError, UserStore},
};

/// How many rows are delivered at once.
const LANES: u32 = 16;
/// How often the store is asked for what others have pushed, and for what is due again.
const POLL: Duration = Duration::from_secs(1);
/// The pause after the first attempt that failed. Each later one is twice as long,
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// The shortest lease, however little time hooks have.
const SHORTEST_LEASE: Duration = Duration::from_secs(10);

pub(crate) async fn deliver<M: UserManager<Store: OutboxStore> + ?Sized>(
    manager: &M,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Fault> {
    let outbox = manager
        .engine_ref()
        .outbox()
        .ok_or_else(|| ConfigError::new("the engine has no outbox: add one with `Engine::builder(store).outbox()`"))?;
    let mut stop = std::pin::pin!(stop);
    loop {
        let claimed = batch(manager).await;
        if let Err(fault) = &claimed {
            tracing::error!(target: "usermgr", error = %fault, "the outbox could not be read");
        }
        let more = matches!(claimed, Ok(Some(_)));
        let mut pushed = std::pin::pin!(outbox.pushed(POLL));
        let stopped = poll_fn(|task| match (stop.as_mut().poll(task), more) {
            (Poll::Ready(()), _) => Poll::Ready(true),
            (Poll::Pending, true) => Poll::Ready(false),
            (Poll::Pending, false) => pushed.as_mut().poll(task).map(|()| false),
        });
        if stopped.await {
            return Ok(());
        }
    }
}

pub(crate) async fn deliver_due<M: UserManager<Store: OutboxStore> + ?Sized>(manager: &M) -> Result<u64, Fault> {
    let mut delivered = 0;
    while let Some(more) = batch(manager).await? {
        delivered += more;
    }
    Ok(delivered)
}

/// Claims rows and delivers them, and says how many of them were; `None` when none was due.
async fn batch<M: UserManager<Store: OutboxStore> + ?Sized>(manager: &M) -> Result<Option<u64>, Fault> {
    let engine = manager.engine_ref();
    let now = engine.now();
    let lease = engine.hook_timeout().saturating_mul(2).max(SHORTEST_LEASE);
    let claimed = match engine.store().claim(LANES, now, after(now, lease)).await {
        // Another was faster: there may be others.
        Err(StoreError::Stale) => return Ok(Some(0)),
        claimed => claimed?,
    };
    if claimed.is_empty() {
        return Ok(None);
    }
    let lanes = claimed.iter().map(|entry| Box::pin(one(manager, entry)) as Lane<'_>).collect();
    Ok(Some(all(lanes).await))
}

type Lane<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

/// Runs all to their end and counts those that said yes.
async fn all(mut lanes: Vec<Lane<'_>>) -> u64 {
    let mut yes = 0;
    poll_fn(|task| {
        lanes.retain_mut(|lane| match lane.as_mut().poll(task) {
            Poll::Pending => true,
            Poll::Ready(said) => {
                yes += u64::from(said);
                false
            }
        });
        if lanes.is_empty() { Poll::Ready(yes) } else { Poll::Pending }
    })
    .await
}

/// Delivers a row and notes what came of it; whether it was delivered.
async fn one<M: UserManager<Store: OutboxStore> + ?Sized>(
    manager: &M,
    entry: &OutboxEntry<<M::Store as UserStore>::Id>,
) -> bool {
    let engine = manager.engine_ref();
    let most = engine.delivery_attempts();
    // A process that dies in a hook counts too, so that such a hook is not called for ever.
    let outcome = match entry.attempts > most {
        true => Err("no attempt came to an end".to_owned().into()),
        false => call(manager, entry).await,
    };
    let (now, store) = (engine.now(), engine.store());
    let noted = match &outcome {
        Ok(()) => store.done(&entry.id).await,
        Err(failure) if !failure.is_final && entry.attempts < most => {
            store.retry(&entry.id, entry.attempts, after(now, pause(entry.attempts))).await
        }
        Err(Failure { words, .. }) => {
            let failed = store.fail(&entry.id, entry.attempts, now).await;
            if failed.is_ok() {
                let user = match &entry.recipient {
                    OutboxRecipient::User(id) => Some(id),
                    OutboxRecipient::Address(_) => None,
                };
                let detail = format!("{}: {words}", entry.event);
                raise(engine, EventKind::DeliveryFailed, user, Some(detail.into()), &Context::default());
            }
            failed
        }
    };
    if let Err(error) = noted {
        // The lease runs out, and somebody tries again.
        tracing::error!(target: "usermgr", %error, "the outbox could not be written");
    }
    outcome.is_ok()
}

/// Calls the hook of a row, unless nobody is left whom it concerns; why not.
async fn call<M: UserManager + ?Sized>(
    manager: &M,
    entry: &OutboxEntry<<M::Store as UserStore>::Id>,
) -> Result<(), Failure> {
    let Read { matter, cx, address, stamp } = entry::read(entry)?;
    let engine = manager.engine_ref();
    let lookup = match &entry.recipient {
        OutboxRecipient::User(id) => Lookup::Id(id),
        OutboxRecipient::Address(email) => Lookup::Email(email),
    };
    let Some(record) = engine.store().find(lookup).await.map_err(said)? else { return Ok(()) };
    let user = &record.user;
    match (matter, &address) {
        (Matter::Registered, _) => {
            hook(manager, "on_after_register", &record, &cx, manager.on_after_register(user, &cx)).await
        }
        (Matter::DuplicateRegistration, _) => {
            let call = manager.on_after_duplicate_register(user, &cx);
            hook(manager, "on_after_duplicate_register", &record, &cx, call).await
        }
        (Matter::VerificationRequested, _) => {
            if !user.is_active || user.is_verified {
                return Ok(());
            }
            let token = verification::token(manager, user).map_err(said)?;
            raise(engine, EventKind::VerificationRequested, Some(&user.id), None, &cx);
            let call = manager.on_after_request_verify(user, &token, &cx);
            hook(manager, "on_after_request_verify", &record, &cx, call).await
        }
        (Matter::Verified, _) => {
            hook(manager, "on_after_verify", &record, &cx, manager.on_after_verify(user, &cx)).await
        }
        (Matter::ResetRequested, _) => {
            if !user.is_active {
                return Ok(());
            }
            let token = reset::token(manager, &record).map_err(said)?;
            raise(engine, EventKind::ResetRequested, Some(&user.id), None, &cx);
            let call = manager.on_after_forgot_password(user, &token, &cx);
            hook(manager, "on_after_forgot_password", &record, &cx, call).await
        }
        (Matter::PasswordReset, _) => {
            let call = manager.on_after_reset_password(user, &cx);
            hook(manager, "on_after_reset_password", &record, &cx, call).await
        }
        (Matter::PasswordChanged, _) => {
            let call = manager.on_after_change_password(user, &cx);
            hook(manager, "on_after_change_password", &record, &cx, call).await
        }
        (Matter::EmailChangeRequested, Some(new)) => {
            // Whoever asked had a session that a new stamp has ended since, and with it what he asked for.
            let holds = user.is_active && stamp.is_some_and(|stamp| record.stamp.has_prefix(&stamp));
            if !holds || email_change::is_taken(manager, user, new).await.map_err(said)? {
                return Ok(());
            }
            let token = email_change::token(manager, &record, new, &cx).map_err(said)?;
            raise(engine, EventKind::EmailChangeRequested, Some(&user.id), None, &cx);
            let call = manager.on_after_request_email_change(user, new, &token, &cx);
            hook(manager, "on_after_request_email_change", &record, &cx, call).await
        }
        (Matter::EmailChanged, Some(old)) => {
            let call = manager.on_after_change_email(user, old, &cx);
            hook(manager, "on_after_change_email", &record, &cx, call).await
        }
        (Matter::EmailChangeRequested | Matter::EmailChanged, None) => Err("the row has no address".to_owned().into()),
    }
}

async fn hook<M: UserManager + ?Sized>(
    manager: &M,
    name: &'static str,
    record: &RecordOf<M::Store>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) -> Result<(), Failure> {
    attempt(manager.engine_ref(), name, Some(&record.user.id), cx, call).await
}

fn said(error: impl std::fmt::Display) -> Failure {
    error.to_string().into()
}

/// What may go better at the next attempt.
impl From<String> for Failure {
    fn from(words: String) -> Self {
        Self { words, is_final: false }
    }
}

/// How long a row waits after an attempt.
fn pause(attempts: u32) -> Duration {
    let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).and_then(|times| FIRST_PAUSE.checked_mul(times));
    doubled.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
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

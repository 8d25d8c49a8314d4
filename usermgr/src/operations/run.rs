//! What the operations share: running hooks so that they cannot hurt, raising events, and writing by compare-and-swap.

use std::{
    any::Any,
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use super::notice::{Notice, Whom, keep};
use crate::{
    context::{Actor, Context},
    engine::Engine,
    error::{Fault, HookError, HookFailure, InvalidPassword, Rejection},
    event::{Event, EventKind},
    manager::UserManager,
    store::{RecordOf, StoreError, UserStore},
    user::{Password, PasswordSubject, Stamp},
};

/// Raises an event about a user.
pub(super) fn raise<S: UserStore>(
    engine: &Engine<S>,
    kind: EventKind,
    user: Option<&S::Id>,
    detail: Option<Cow<'static, str>>,
    cx: &Context,
) {
    engine.audit().record(&Event {
        user: user.map(ToString::to_string),
        actor: cx.actor.as_ref().map(ToString::to_string),
        ip: cx.ip,
        request_id: cx.request_id.clone(),
        detail,
        ..Event::new(kind, engine.now())
    });
}

/// Runs a hook to its end, its panic or its time-out.
async fn contained<F: Future>(hook: F, limit: std::time::Duration) -> Result<F::Output, HookFailure> {
    let mut hook = pin!(hook);
    let polled = std::future::poll_fn(move |task| match catch_unwind(AssertUnwindSafe(|| hook.as_mut().poll(task))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(payload) => {
            forget_quietly(payload);
            Poll::Ready(Err(HookFailure::Panicked))
        }
    });
    tokio::time::timeout(limit, polled).await.unwrap_or(Err(HookFailure::TimedOut))
}

/// Drops a panic's payload, whose own destructor may panic too.
fn forget_quietly(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}

/// Runs an after-hook. What is done stays done, so that its failure is an event and nothing else.
pub(super) async fn after<S: UserStore>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) {
    // What it came to is told as an event.
    let _ = attempt(engine, hook, user, cx, call).await;
}

/// Runs an after-hook. Its failure is an event, and returned in words.
pub(super) async fn attempt<S: UserStore>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) -> Result<(), String> {
    let failure = match contained(call, engine.hook_timeout()).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => format!("{hook}: {error}"),
        Err(failure) => format!("{hook} {failure}"),
    };
    raise(engine, EventKind::HookFailed, user, Some(failure.clone().into()), cx);
    Err(failure)
}

/// Runs a hook that decides. One that cannot decide stops the operation.
async fn decided<S: UserStore, T>(
    engine: &Engine<S>,
    hook: &'static str,
    cx: &Context,
    call: impl Future<Output = T>,
) -> Result<T, Fault> {
    match contained(call, engine.hook_timeout()).await {
        Ok(decision) => Ok(decision),
        Err(failure) => {
            raise(engine, EventKind::HookFailed, None, Some(format!("{hook} {failure}").into()), cx);
            Err(Fault::Hook { hook, failure })
        }
    }
}

/// Asks a gate.
pub(super) async fn gate<S: UserStore, E: From<Fault> + From<Rejection>>(
    engine: &Engine<S>,
    hook: &'static str,
    cx: &Context,
    call: impl Future<Output = Result<(), Rejection>>,
) -> Result<(), E> {
    Ok(decided(engine, hook, cx, call).await??)
}

/// Judges a new password: the cap first, since a policy should not have to read a megabyte, then the manager's policy.
pub(super) async fn judge<M: UserManager + ?Sized, E: From<Fault> + From<InvalidPassword>>(
    manager: &M,
    password: &Password,
    subject: PasswordSubject<'_, <M::Store as UserStore>::Profile, <M::Store as UserStore>::Id>,
    cx: &Context,
) -> Result<(), E> {
    password.normalized().map_err(|error| InvalidPassword::new(error.to_string()))?;
    let call = manager.validate_password(password, &subject, cx);
    Ok(decided(manager.engine_ref(), "validate_password", cx, call).await??)
}

/// A fresh stamp.
pub(super) fn new_stamp() -> Result<Stamp, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Stamp::from_bytes(bytes))
}

/// How often a swap is tried before the row counts as busy.
#[derive(Default)]
pub(super) struct Attempts(u8);

impl Attempts {
    const MOST: u8 = 4;

    /// Counts a write that came too late.
    pub(super) fn another(&mut self) -> Result<(), Fault> {
        self.0 += 1;
        if self.0 < Self::MOST { Ok(()) } else { Err(Fault::Busy) }
    }
}

/// What a write came to.
pub(super) enum Written {
    /// It is durable.
    Done,
    /// The row has changed since it was read: read and decide again.
    Stale,
    /// The new address is taken.
    Conflict,
    /// It would have taken the last active superuser away.
    LastSuperuser,
}

/// A change of one row.
pub(super) struct Swap<'a, S: UserStore> {
    /// The row as it was read.
    pub(super) old: &'a RecordOf<S>,
    /// The row as it shall be, at the version it was read at.
    pub(super) new: &'a RecordOf<S>,
}

impl<S: UserStore> Swap<'_, S> {
    /// Writes the row in one transaction, if it is still the one that was read. A new stamp made through a session of the user's own
    /// lets that session live on.
    pub(super) async fn write(&self, engine: &Engine<S>, cx: &Context) -> Result<Written, Fault> {
        written(self.transact(engine, cx, None).await)
    }

    /// Does the same, and writes down in the same transaction what the user is to be told.
    pub(super) async fn write_and_keep(
        &self,
        engine: &Engine<S>,
        cx: &Context,
        notice: Option<Notice<'_>>,
    ) -> Result<Written, Fault> {
        written(self.transact(engine, cx, notice).await)
    }

    async fn transact(
        &self,
        engine: &Engine<S>,
        cx: &Context,
        notice: Option<Notice<'_>>,
    ) -> Result<Written, StoreError> {
        let store = engine.store();
        let Self { old, new } = self;
        let _changing = engine.cache().changing(&new.user.id);
        let mut tx = store.begin().await?;
        let loses_superuser = is_acting_superuser(&old.user) && !is_acting_superuser(&new.user);
        if loses_superuser && store.lock_and_count_superusers(&mut tx).await? <= 1 {
            return Ok(Written::LastSuperuser);
        }
        store.update(&mut tx, new).await?;
        if let Some(Actor::User { id, session }) = &cx.actor
            && old.stamp != new.stamp
            && *id == new.user.id.to_string()
            && let Some(backend) = engine.backend(&session.backend)
        {
            backend.strategy().restamp(store, &mut tx, session, &new.stamp).await?;
        }
        if let Some(notice) = notice {
            keep(engine, &mut tx, Whom::User(&new.user.id), &notice, cx).await?;
        }
        store.commit(tx).await?;
        Ok(Written::Done)
    }
}

/// What a transaction came to. Each of its steps may find that another's write was in its way.
pub(super) fn written(outcome: Result<Written, StoreError>) -> Result<Written, Fault> {
    match outcome {
        Err(StoreError::Stale) => Ok(Written::Stale),
        Err(StoreError::Conflict) => Ok(Written::Conflict),
        outcome => Ok(outcome?),
    }
}

/// Whether somebody can administer right now.
pub(super) fn is_acting_superuser<P, I>(user: &crate::User<P, I>) -> bool {
    user.is_superuser && user.is_active
}

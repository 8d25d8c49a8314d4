//! The transaction of a change: a row goes in as it was read and as it shall be, and is written by compare-and-swap, together with what
//! users are told and with what the application's own hook writes; out comes what became of it.

use std::{cell::Cell, error::Error, future::poll_fn, pin::pin};

use super::{
    notice::{Notice, Whom, keep},
    run::{contained, raise, refused},
};
use crate::{
    attempts,
    context::{Actor, Context},
    engine::Engine,
    error::{Fault, HookError, HookFailure, Rejection},
    event::EventKind,
    manager::UserManager,
    store::{RecordOf, StoreError, Tx, UserChangeOf, UserStore},
};

/// The name of the hook.
const HOOK: &str = "on_before_commit";

/// How often a transaction is tried before the row counts as busy.
#[derive(Default)]
pub(super) struct Attempts(attempts::Attempts);

impl Attempts {
    /// Counts a write that came too late, and waits a moment. Nothing may be held meanwhile: the transaction of that write is over.
    pub(super) async fn another(&mut self) -> Result<(), Fault> {
        if self.0.another().await { Ok(()) } else { Err(Fault::Busy) }
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
    /// The hook said no.
    Rejected(Rejection),
}

/// A change of one row.
pub(super) struct Swap<'a, S: UserStore> {
    /// The row as it was read.
    pub(super) old: &'a RecordOf<S>,
    /// The row as it shall be, at the version it was read at.
    pub(super) new: &'a RecordOf<S>,
}

impl<S: UserStore> Swap<'_, S> {
    /// Writes what is no change of the account to anybody but us, in one transaction, if the row is still the one that was read. A new
    /// stamp made through a session of the user's own lets that session live on.
    pub(super) async fn write(&self, engine: &Engine<S>, cx: &Context) -> Result<Written, Fault> {
        let _changing = engine.cache().changing(&self.new.user.id);
        let written = async {
            let mut tx = engine.store().begin().await?;
            if let Some(refused) = self.enter(engine, &mut tx, cx).await? {
                return Ok(refused);
            }
            engine.store().commit(tx).await?;
            Ok(Written::Done)
        };
        settled(written.await)
    }

    /// Writes a change of the account in the same way, with what the user is to be told of it and what the hook adds.
    pub(super) async fn commit<M: UserManager<Store = S> + ?Sized>(
        &self,
        manager: &M,
        change: &UserChangeOf<'_, S>,
        notices: &[Notice<'_>],
        cx: &Context,
    ) -> Result<Written, Fault> {
        let engine = manager.engine_ref();
        let _changing = engine.cache().changing(&self.new.user.id);
        let written = async {
            let mut tx = engine.store().begin().await?;
            if let Some(refused) = self.enter(engine, &mut tx, cx).await? {
                return Ok(refused);
            }
            for notice in notices {
                keep(engine, &mut tx, Whom::User(&self.new.user.id), notice, cx).await?;
            }
            if let Err(rejection) = join(manager, change, &mut tx, cx).await? {
                return Ok(Written::Rejected(rejection));
            }
            kept(engine, engine.store().commit(tx).await, &self.new.user.id, cx)?;
            Ok(Written::Done)
        };
        settled(written.await)
    }

    /// The row itself, and the session that may stay.
    async fn enter(&self, engine: &Engine<S>, tx: &mut S::Tx, cx: &Context) -> Result<Option<Written>, StoreError> {
        let store = engine.store();
        let Self { old, new } = self;
        let loses_superuser = is_acting_superuser(&old.user) && !is_acting_superuser(&new.user);
        if loses_superuser && store.lock_and_count_superusers(tx).await? <= 1 {
            return Ok(Some(Written::LastSuperuser));
        }
        store.update(tx, new).await?;
        if let Some(Actor::User { id, session }) = &cx.actor
            && old.stamp != new.stamp
            && *id == new.user.id.to_string()
            && let Some(backend) = engine.backend(&session.backend)
        {
            backend.strategy().restamp(store, tx, session, &new.stamp).await?;
        }
        Ok(None)
    }
}

/// What a transaction came to. Each of its steps may find that another's write was in its way.
pub(super) fn settled(outcome: Result<Written, Fault>) -> Result<Written, Fault> {
    match outcome {
        Err(Fault::Store(StoreError::Stale)) => Ok(Written::Stale),
        Err(Fault::Store(StoreError::Conflict)) => Ok(Written::Conflict),
        outcome => outcome,
    }
}

/// Whether somebody can administer right now.
pub(super) fn is_acting_superuser<P, I>(user: &crate::User<P, I>) -> bool {
    user.is_superuser && user.is_active
}

thread_local! {
    /// Whether the hook inside a transaction is being polled by this thread right now.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the mark of a poll, and puts the earlier one back, after a panic too.
struct Mark(bool);

impl Drop for Mark {
    fn drop(&mut self) {
        INSIDE.set(self.0);
    }
}

/// Runs the hook with the mark set whenever it is polled: what it awaits sees it, what it spawns does not.
async fn inside<F: Future>(hook: F) -> F::Output {
    let mut hook = pin!(hook);
    poll_fn(move |task| {
        let _mark = Mark(INSIDE.replace(true));
        hook.as_mut().poll(task)
    })
    .await
}

/// Refuses an operation inside the transaction of another: with all connections in such hands it would wait for itself.
pub(super) fn outside() -> Result<(), Fault> {
    if INSIDE.get() { Err(Fault::InsideTransaction) } else { Ok(()) }
}

/// Lets the manager's hook join a transaction. The inner error is its no.
pub(super) async fn join<M: UserManager + ?Sized>(
    manager: &M,
    change: &UserChangeOf<'_, M::Store>,
    tx: &mut Tx<M::Store>,
    cx: &Context,
) -> Result<Result<(), Rejection>, Fault> {
    let engine = manager.engine_ref();
    let (told, fault) = match contained(inside(manager.on_before_commit(change, tx, cx)), engine.hook_timeout()).await {
        Ok(Ok(())) => return Ok(Ok(())),
        Ok(Err(error)) => match judge(error) {
            Judged::Rejected(rejection) => {
                refused(engine, HOOK, Some(&change.user().id), &rejection, cx);
                return Ok(Err(rejection));
            }
            Judged::GivenUp => return Err(StoreError::Stale.into()),
            Judged::Outage(error) => (format!("{HOOK}: {error}"), StoreError::backend(error).into()),
            Judged::Failed(error) => (format!("{HOOK}: {error}"), failed(HookFailure::Failed)),
        },
        Err(failure) => (format!("{HOOK} {failure}"), failed(failure)),
    };
    raise(engine, EventKind::HookFailed, Some(&change.user().id), Some(told.into()), cx);
    Err(fault)
}

/// What becomes of a write after the hook was asked. What a database refuses then is a constraint of the application's own tables, which
/// speaks at the commit or holds a row that is to go.
pub(super) fn kept<S: UserStore, T>(
    engine: &Engine<S>,
    outcome: Result<T, StoreError>,
    user: &S::Id,
    cx: &Context,
) -> Result<T, Fault> {
    outcome.map_err(|error| {
        if !matches!(error, StoreError::Backend(_)) || verdict(&error) != Some(Verdict::Refused) {
            return error.into();
        }
        raise(engine, EventKind::HookFailed, Some(user), Some(format!("{HOOK}: {error}").into()), cx);
        failed(HookFailure::Failed)
    })
}

fn failed(failure: HookFailure) -> Fault {
    Fault::Hook { hook: HOOK, failure }
}

/// What an error of the hook says.
enum Judged {
    /// No.
    Rejected(Rejection),
    /// The store gave the transaction up for another's sake.
    GivenUp,
    /// The database itself failed.
    Outage(Box<dyn Error + Send + Sync>),
    /// Something else: a constraint of the application's own tables among it, which says nothing about ours.
    Failed(HookError),
}

fn judge(error: HookError) -> Judged {
    let error = match error.downcast::<Rejection>() {
        Ok(rejection) => return Judged::Rejected(rejection),
        Err(error) => error,
    };
    match verdict(error.source()) {
        Some(Verdict::GivenUp) => Judged::GivenUp,
        Some(Verdict::Outage) => Judged::Outage(error.into_source()),
        Some(Verdict::Refused) | None => Judged::Failed(error),
    }
}

/// What a database or a store says by an error.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// The transaction can be tried again.
    GivenUp,
    /// It failed, or could not be reached.
    Outage,
    /// What it was asked cannot be.
    Refused,
}

/// What the innermost error that is known says: a store's own word counts where no database is behind it.
fn verdict(error: &(dyn Error + 'static)) -> Option<Verdict> {
    let (mut cause, mut said) = (Some(error), None);
    while let Some(link) = cause {
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        if let Some(verdict) = verdict_of_database(link) {
            return Some(verdict);
        }
        said = match link.downcast_ref::<StoreError>() {
            Some(StoreError::Stale) => Some(Verdict::GivenUp),
            Some(StoreError::Conflict | StoreError::InvalidProfile(_) | StoreError::UnreadableProfile { .. }) => {
                Some(Verdict::Refused)
            }
            Some(StoreError::Backend(_)) => Some(Verdict::Outage),
            None => said,
        };
        cause = link.source();
    }
    said
}

/// `anyhow::Error` hides the error of sqlx that it was made of, but not what the database had said to that.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn verdict_of_database(error: &(dyn Error + 'static)) -> Option<Verdict> {
    use crate::sql::{fails, gives_up, is_given_up, is_outage};
    let (given_up, outage) = match error.downcast_ref::<sqlx::Error>() {
        Some(error) => (is_given_up(error), is_outage(error)),
        None => {
            let cause = &**error.downcast_ref::<Box<dyn sqlx::error::DatabaseError>>()?;
            (gives_up(cause), fails(cause))
        }
    };
    Some(match () {
        () if given_up => Verdict::GivenUp,
        () if outage => Verdict::Outage,
        () => Verdict::Refused,
    })
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_mark_is_seen_by_what_the_hook_awaits_and_by_nothing_else() {
        assert!(outside().is_ok());
        inside(async {
            assert!(outside().is_err());
            tokio::task::yield_now().await;
            assert!(outside().is_err(), "after every pause");
            inside(async {}).await;
            assert!(outside().is_err(), "an inner one takes nothing away");
            assert!(tokio::spawn(async { outside().is_ok() }).await.unwrap(), "what it spawns is another task");
        })
        .await;
        assert!(outside().is_ok());
    }

    #[test]
    fn x5_a_panic_leaves_no_mark() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let panics = || runtime.block_on(inside(async { panic!("as the test wants") }));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(outside().is_ok());
    }

    #[test]
    fn an_error_of_a_database_is_found_behind_others() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] StoreError);

        assert!(matches!(judge(Rejection::new("NO").into()), Judged::Rejected(_)));
        assert!(matches!(judge(StoreError::Stale.into()), Judged::GivenUp));
        assert!(matches!(judge(Outer(StoreError::Stale).into()), Judged::GivenUp));
        assert!(matches!(judge(StoreError::backend("away").into()), Judged::Outage(_)));
        // The application's own table, not an address that is taken.
        assert!(matches!(judge(StoreError::Conflict.into()), Judged::Failed(_)));
        assert!(matches!(judge(HookError::new("broken")), Judged::Failed(_)));
    }
}

//! The transaction of a change: a row goes in as it was judged, and is held together with the right to change it; then it is written,
//! together with what users are told and with what the application's own hook writes; out comes what became of it.

use std::error::Error;

use jiff::Timestamp;

use crate::{
    cache::Changing,
    change::right::Right,
    context::Context,
    default_store::Tx,
    engine::Engine,
    error::{Fault, HookError, HookFailure, Rejection},
    event::EventKind,
    hook::{contained, raise, refused},
    manager::UserManager,
    mark::{Within, marked, within},
    notification::enqueue::{Notice, enqueue, enqueued},
    session::SessionInfo,
    store::{RecordOf, SessionDigest, StoreError, UserChangeOf, UserStore},
    user::{Record, UserChange},
};

/// The name of the hook.
const HOOK: &str = "on_before_commit";

/// What a write came to.
pub(crate) enum Written<T = ()> {
    /// It is durable.
    Done(T),
    /// The row has changed since it was read: read and decide again.
    Stale,
    /// The new address is taken.
    Conflict,
    /// It would have taken the last active superuser away.
    LastSuperuser,
    /// The token that it rests on was used before.
    Used,
    /// The hook said no.
    Rejected(Rejection),
}

impl Written {
    /// The same with what was written.
    pub(crate) fn with<T>(self, value: T) -> Written<T> {
        match self {
            Self::Done(()) => Written::Done(value),
            Self::Stale => Written::Stale,
            Self::Conflict => Written::Conflict,
            Self::LastSuperuser => Written::LastSuperuser,
            Self::Used => Written::Used,
            Self::Rejected(rejection) => Written::Rejected(rejection),
        }
    }
}

/// A change of one row.
pub(crate) struct Swap<'a, S: UserStore> {
    /// The row as it is held.
    pub(crate) old: &'a RecordOf<S>,
    /// The row as it shall be, at the version of the old one.
    pub(crate) new: &'a RecordOf<S>,
}

/// A transaction that holds a row, and in which somebody has the right to change it: both stay as they are until it ends.
pub(crate) struct Held<'a, S: UserStore> {
    engine: &'a Engine<S>,
    pub(crate) tx: S::Tx,
    /// The session of the user's own that outlives a new stamp.
    pub(crate) stays: Option<&'a SessionInfo>,
    /// How many active superusers there are, where it was asked.
    superusers: Option<u64>,
    _changing: Changing<'a>,
}

/// Holds the row that was judged, as it is now. What has no right is a [`Fault::RightLost`]; what has changed since it was judged is
/// [`StoreError::Stale`], except for what whoever has a session may write without a pause: the profile, and the half of the stamp that ends
/// sessions, of which the right itself is asked; and for a hash that was made anew. Otherwise they could keep the owner of the account
/// from ever being first.
///
/// - `counts`: whether the change may take an active superuser away.
pub(crate) async fn hold<'a, S: UserStore>(
    engine: &'a Engine<S>,
    judged: &RecordOf<S>,
    right: Right<'a>,
    counts: bool,
) -> Result<(Held<'a, S>, RecordOf<S>), Fault> {
    let (store, id) = (engine.store(), &judged.user.id);
    let changing = engine.cache().changing(id);
    let mut tx = store.begin().await?;
    // Before the rows: whoever counts locks those of all superusers.
    let superusers = if counts { Some(store.lock_and_count_superusers(&mut tx).await?) } else { None };
    let holder = right.holder_id::<S::Id>()?;
    let mut rows = store.find_locked(&mut tx, [id, holder.as_ref().map_or(id, |(holder, _)| holder)]).await?;
    if let Some((holder, session)) = &holder {
        right.admit(engine, &mut tx, session, rows.iter().find(|row| row.user.id == *holder)).await?;
    }
    let stays = holder.filter(|(holder, _)| holder == id).map(|(_, session)| session);
    let at = rows.iter().position(|row| row.user.id == *id).ok_or(StoreError::Stale)?;
    let row = rows.swap_remove(at);
    if !is_as_judged(judged, &row) {
        return Err(StoreError::Stale.into());
    }
    Ok((Held { engine, tx, stays, superusers, _changing: changing }, row))
}

fn is_as_judged<P, I>(judged: &Record<P, I>, now: &Record<P, I>) -> bool {
    let parts = |record: &Record<P, I>| {
        let user = &record.user;
        (user.is_active, user.is_superuser, user.is_verified)
    };
    parts(judged) == parts(now)
        && judged.stamp.is_of_the_password_of(&now.stamp)
        && judged.user.email.as_str() == now.user.email.as_str()
}

impl<S: UserStore> Held<'_, S> {
    /// Whether a token is used here for the first time.
    pub(crate) async fn uses(&mut self, (token, expires_at): &(SessionDigest, Timestamp)) -> Result<bool, StoreError> {
        self.engine.store().use_once(&mut self.tx, token.as_str(), *expires_at).await
    }

    /// Deletes the credentials of a user, of every kind, where the engine keeps any.
    pub(crate) async fn delete_credentials(&mut self, user_id: &S::Id) -> Result<(), StoreError> {
        match self.engine.credentials() {
            Some(credentials) => credentials.delete_all(self.engine.store(), &mut self.tx, user_id).await,
            None => Ok(()),
        }
    }

    /// Writes what is no change of the account to anybody but us.
    pub(crate) async fn write(mut self, swap: Swap<'_, S>) -> Result<Written, Fault> {
        self.enter(&swap).await?;
        self.engine.store().commit(self.tx).await?;
        Ok(Written::Done(()))
    }

    /// Writes a change of the account, with what the user is to be told of it and what the hook adds.
    pub(crate) async fn commit<M: UserManager<Store = S> + ?Sized>(
        mut self,
        manager: &M,
        swap: Swap<'_, S>,
        change: &UserChangeOf<'_, S>,
        notices: &[Notice<'_>],
        cx: &Context,
    ) -> Result<Written, Fault> {
        if is_acting_superuser(&swap.old.user) && !is_acting_superuser(&swap.new.user) && self.is_last()? {
            return Ok(Written::LastSuperuser);
        }
        self.enter(&swap).await?;
        for notice in notices {
            enqueue(self.engine, &mut self.tx, &swap.new.user.id, notice, cx).await?;
        }
        if let Err(rejection) = join(manager, change, &mut self.tx, cx).await? {
            return Ok(Written::Rejected(rejection));
        }
        kept(self.engine, self.engine.store().commit(self.tx).await, &swap.new.user.id, cx)?;
        enqueued(self.engine, &swap.new.user.id, notices, cx);
        Ok(Written::Done(()))
    }

    /// Deletes the account, after the hook has joined.
    pub(crate) async fn delete<M: UserManager<Store = S> + ?Sized>(
        mut self,
        manager: &M,
        record: &RecordOf<S>,
        cx: &Context,
    ) -> Result<Written, Fault> {
        if is_acting_superuser(&record.user) && self.is_last()? {
            return Ok(Written::LastSuperuser);
        }
        if let Err(rejection) = join(manager, &UserChange::Deleted(&record.user), &mut self.tx, cx).await? {
            return Ok(Written::Rejected(rejection));
        }
        let (store, id) = (self.engine.store(), &record.user.id);
        kept(self.engine, store.delete(&mut self.tx, id).await, id, cx)?;
        kept(self.engine, store.commit(self.tx).await, id, cx)?;
        Ok(Written::Done(()))
    }

    /// Whether there is no other active superuser. One who was none when they were judged has not been counted.
    fn is_last(&self) -> Result<bool, StoreError> {
        self.superusers.map(|count| count <= 1).ok_or(StoreError::Stale)
    }

    /// The row itself, and the session that may stay.
    async fn enter(&mut self, Swap { old, new }: &Swap<'_, S>) -> Result<(), StoreError> {
        let store = self.engine.store();
        store.update(&mut self.tx, new).await?;
        if old.stamp != new.stamp
            && let Some(credentials) = self.engine.credentials()
        {
            credentials.end_pending(store, &mut self.tx, &new.user.id).await?;
        }
        if let Some(session) = self.stays
            && old.stamp != new.stamp
            && let Some(backend) = self.engine.backend(&session.backend)
        {
            backend.strategy().restamp(store, &mut self.tx, session, &new.stamp).await?;
        }
        Ok(())
    }
}

/// What a transaction came to. Each of its steps may find that another's write was in its way.
pub(crate) fn settled<T>(outcome: Result<Written<T>, Fault>) -> Result<Written<T>, Fault> {
    match outcome {
        Err(Fault::Store(StoreError::Stale)) => Ok(Written::Stale),
        Err(Fault::Store(StoreError::Conflict)) => Ok(Written::Conflict),
        outcome => outcome,
    }
}

/// Whether somebody can administer right now.
pub(crate) fn is_acting_superuser<P, I>(user: &crate::User<P, I>) -> bool {
    user.is_superuser && user.is_active
}

/// Refuses an operation inside the transaction of another: with all connections in such hands it would wait for itself.
pub(crate) fn outside() -> Result<(), Fault> {
    if within() == Within::Transaction { Err(Fault::InsideTransaction) } else { Ok(()) }
}

/// Lets the manager's hook join a transaction. The inner error is its no.
pub(crate) async fn join<M: UserManager + ?Sized>(
    manager: &M,
    change: &UserChangeOf<'_, M::Store>,
    tx: &mut Tx<M::Store>,
    cx: &Context,
) -> Result<Result<(), Rejection>, Fault> {
    let engine = manager.engine_ref();
    let call = marked(Within::Transaction, manager.on_before_commit(change, tx, cx));
    let (told, fault) = match contained(call, engine.hook_timeout()).await {
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
pub(crate) fn kept<S: UserStore, T>(
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
    use super::*;

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

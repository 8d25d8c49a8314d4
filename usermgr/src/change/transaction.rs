//! The transaction of a change: a row goes in as it was judged, and is held together with the right to change it; then it is written,
//! together with what users are told and with what the application's own hook writes.

use jiff::Timestamp;

use crate::{
    cache::Changing,
    change::{
        join::{join, kept},
        right::Right,
        written::Uncommitted,
    },
    context::Context,
    engine::Engine,
    error::Fault,
    manager::UserManager,
    notification::{
        enqueue::{enqueue, enqueued},
        notice::Notice,
    },
    session::SessionInfo,
    store::{RecordOf, SessionDigest, StoreError, UserChangeOf, UserStore},
    user::{Record, User, UserChange},
};

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
/// [`StoreError::Stale`], except for what the holder of a session may write without a pause: the profile, and the half of the stamp that ends
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
    // Before the rows: counting locks those of all superusers.
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
    pub(crate) async fn write(mut self, swap: Swap<'_, S>) -> Result<(), StoreError> {
        self.enter(&swap).await?;
        self.engine.store().commit(self.tx).await
    }

    /// Writes a change of the account, with what the user is to be told of it and what the hook adds.
    pub(crate) async fn commit<M: UserManager<Store = S> + ?Sized>(
        mut self,
        manager: &M,
        swap: Swap<'_, S>,
        change: &UserChangeOf<'_, S>,
        notices: &[Notice<'_>],
        cx: &Context,
    ) -> Result<(), Uncommitted> {
        self.leave_a_superuser(&swap.old.user, Some(&swap.new.user))?;
        self.enter(&swap).await?;
        for notice in notices {
            enqueue(self.engine, &mut self.tx, &swap.new.user.id, notice, cx).await?;
        }
        join(manager, change, &mut self.tx, cx).await?;
        kept(self.engine, self.engine.store().commit(self.tx).await, &swap.new.user.id, cx)?;
        enqueued(self.engine, &swap.new.user.id, notices, cx);
        Ok(())
    }

    /// Deletes the account, after the hook has joined.
    pub(crate) async fn delete<M: UserManager<Store = S> + ?Sized>(
        mut self,
        manager: &M,
        record: &RecordOf<S>,
        cx: &Context,
    ) -> Result<(), Uncommitted> {
        self.leave_a_superuser(&record.user, None)?;
        join(manager, &UserChange::Deleted(&record.user), &mut self.tx, cx).await?;
        let (store, id) = (self.engine.store(), &record.user.id);
        kept(self.engine, store.delete(&mut self.tx, id).await, id, cx)?;
        kept(self.engine, store.commit(self.tx).await, id, cx)?;
        Ok(())
    }

    /// Whether a change would take the last active superuser away. `new` is the user afterwards, if there is one then.
    ///
    /// # Errors
    /// [`StoreError::Stale`] for an active superuser who was none when they were judged: those were not counted.
    pub(crate) fn is_last_superuser(
        &self,
        old: &User<S::Profile, S::Id>,
        new: Option<&User<S::Profile, S::Id>>,
    ) -> Result<bool, StoreError> {
        match is_acting_superuser(old) && !new.is_some_and(is_acting_superuser) {
            true => self.superusers.map(|count| count <= 1).ok_or(StoreError::Stale),
            false => Ok(false),
        }
    }

    /// Writes nothing that an operation should have refused.
    fn leave_a_superuser(
        &self,
        old: &User<S::Profile, S::Id>,
        new: Option<&User<S::Profile, S::Id>>,
    ) -> Result<(), StoreError> {
        if self.is_last_superuser(old, new)? { Err(StoreError::Stale) } else { Ok(()) }
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

/// Whether somebody can administer right now.
pub(crate) fn is_acting_superuser<P, I>(user: &User<P, I>) -> bool {
    user.is_superuser && user.is_active
}

//! The transaction of a change: a row is locked in the state that was judged, together with the right to change it.
//! Then it is written, together with the notifications and with what the application's own hook writes.

use jiff::Timestamp;

use crate::{
    amr::Amr,
    cache::Changing,
    change::{
        join::{join, kept},
        patch::shown,
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
    store::{ApiKeyInfo, CredentialId, RecordOf, SessionDigest, StoreError, UserChangeOf, UserStore},
    user::{Record, User, UserChange},
};

/// A change of one row.
pub(crate) struct Swap<'a, S: UserStore> {
    /// The row as it is locked.
    pub(crate) old: &'a RecordOf<S>,
    /// The changed row, with the version of the old one.
    pub(crate) new: &'a RecordOf<S>,
}

/// A transaction that locks a row and the caller's right to change it: both stay as they are until it ends.
pub(crate) struct Held<'a, S: UserStore> {
    engine: &'a Engine<S>,
    pub(crate) tx: S::Tx,
    /// The user's own session that survives a new stamp.
    pub(crate) stays: Option<&'a SessionInfo>,
    /// The methods that the session gets with the new stamp, if the change proves more than its login.
    raised: Option<Amr>,
    /// The number of active superusers, if it was counted.
    superusers: Option<u64>,
    _changing: Changing<'a>,
}

/// Locks the row that was judged, in its current state. A missing right is a [`Fault::RightLost`]. A change since the
/// judgment is [`StoreError::Stale`], with exceptions for what the holder of a session may write continuously: the
/// profile, and the half of the stamp that ends sessions, which the right itself covers; and for a rehashed password.
/// Without the exceptions, such a holder could make every write of the account's owner stale.
///
/// - `counts`: whether the change may remove an active superuser.
pub(crate) async fn hold<'a, S: UserStore>(
    engine: &'a Engine<S>,
    judged: &RecordOf<S>,
    right: Right<'a>,
    counts: bool,
) -> Result<(Held<'a, S>, RecordOf<S>), Fault> {
    let (store, id) = (engine.store(), &judged.user.id);
    let changing = engine.cache().changing(id);
    let mut tx = store.begin().await?;
    // Before the rows, because counting locks the rows of all superusers.
    let superusers = if counts { Some(store.lock_and_count_superusers(&mut tx).await?) } else { None };
    let holder = right.holder_id::<S::Id>()?;
    let other = right.other_id::<S::Id>()?;
    let mut rows = store.find_locked(&mut tx, [id, other.as_ref().unwrap_or(id)]).await?;
    right.admit(engine, &mut tx, &rows).await?;
    let stays = holder.filter(|(holder, _)| holder == id).map(|(_, session)| session);
    let at = rows.iter().position(|row| row.user.id == *id).ok_or(StoreError::Stale)?;
    let row = rows.swap_remove(at);
    if !is_as_judged(judged, &row) {
        return Err(StoreError::Stale.into());
    }
    Ok((Held { engine, tx, stays, superusers, raised: None, _changing: changing }, row))
}

fn is_as_judged<P, I>(judged: &Record<P, I>, now: &Record<P, I>) -> bool {
    let parts = |record: &Record<P, I>| {
        let user = &record.user;
        (user.is_active, user.is_superuser, user.is_verified)
    };
    parts(judged) == parts(now)
        && judged.stamp.is_of_the_password_of(&now.stamp)
        && judged.user.email.as_str() == now.user.email.as_str()
        && shown(&judged.user.username) == shown(&now.user.username)
}

impl<S: UserStore> Held<'_, S> {
    /// Returns whether this is the first use of a token.
    pub(crate) async fn uses(&mut self, (token, expires_at): &(SessionDigest, Timestamp)) -> Result<bool, StoreError> {
        self.engine.store().use_once(&mut self.tx, token.as_str(), *expires_at).await
    }

    /// Adds methods to the session that survives the new stamp, because its user has just proved them.
    #[cfg_attr(
        not(any(feature = "passkeys", feature = "totp")),
        allow(dead_code, reason = "only the factors of the library use it")
    )]
    pub(crate) fn raise(&mut self, methods: &Amr) {
        self.raised = self.stays.map(|session| session.amr.and(methods));
    }

    /// Deletes one credential of a user. Returns `false` if it is not there any more.
    pub(crate) async fn delete_credential(&mut self, user_id: &S::Id, id: &CredentialId) -> Result<bool, StoreError> {
        match self.engine.credentials() {
            Some(credentials) => credentials.delete(self.engine.store(), &mut self.tx, user_id, id).await,
            None => Ok(false),
        }
    }

    /// Deletes the credentials of a user, of every kind, if the engine keeps any.
    pub(crate) async fn delete_credentials(&mut self, user_id: &S::Id) -> Result<(), StoreError> {
        match self.engine.credentials() {
            Some(credentials) => credentials.delete_all(self.engine.store(), &mut self.tx, user_id).await,
            None => Ok(()),
        }
    }

    /// Deletes the API keys of a user, if the engine has any.
    pub(crate) async fn end_api_keys(&mut self, user_id: &S::Id) -> Result<(), StoreError> {
        end_api_keys(self.engine, &mut self.tx, user_id).await
    }

    /// Writes a change that is internal to the library, without notifications and without the hook.
    pub(crate) async fn write(mut self, swap: Swap<'_, S>) -> Result<(), StoreError> {
        self.enter(&swap).await?;
        self.engine.store().commit(self.tx).await
    }

    /// Writes a change of the account, with the notifications and the writes of the hook.
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

    /// Deletes the account, after the hook has run.
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

    /// Returns whether a change would remove the last active superuser. `new` is the user after the change, if it still
    /// exists.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the user has become an active superuser since they were judged, because the superusers
    /// were not counted.
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

    /// Guards against a write that an operation should have refused.
    fn leave_a_superuser(
        &self,
        old: &User<S::Profile, S::Id>,
        new: Option<&User<S::Profile, S::Id>>,
    ) -> Result<(), StoreError> {
        if self.is_last_superuser(old, new)? { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Writes the row itself, and the session to keep.
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
            let raised = self.raised.take().map(|amr| session.clone().amr(amr));
            let session = raised.as_ref().unwrap_or(session);
            backend.strategy().restamp(store, &mut self.tx, session, &new.stamp).await?;
        }
        Ok(())
    }
}

/// Deletes the API keys of a user, if the engine has any.
pub(super) async fn end_api_keys<S: UserStore>(
    engine: &Engine<S>,
    tx: &mut S::Tx,
    user_id: &S::Id,
) -> Result<(), StoreError> {
    match engine.credentials().filter(|_| engine.keyring().is_some()) {
        Some(credentials) => credentials.delete_kind(engine.store(), tx, user_id, &ApiKeyInfo::KIND).await,
        None => Ok(()),
    }
}

/// Whether the user can act as a superuser.
pub(crate) fn is_acting_superuser<P, I>(user: &User<P, I>) -> bool {
    user.is_superuser && user.is_active
}

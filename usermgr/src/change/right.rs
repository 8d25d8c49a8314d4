//! The right to a write: the caller, their session and their role. A guard has checked it before the operation began.
//! It is checked again here inside the transaction, where the result stays true until the commit.

use jiff::Timestamp;

use crate::{
    change::written::until_written,
    context::{Actor, Context},
    engine::{Engine, IMPERSONATION},
    error::{Fault, RightLost},
    session::{SessionActor, SessionInfo},
    store::{RecordOf, SessionId, UserStore},
    user::UserId,
};

/// The right by which a row is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Right<'a> {
    /// The holder and the session. `None` if the application itself acts, or if the proof concerns the row itself.
    pub(crate) holder: Option<(&'a str, &'a SessionInfo)>,
    /// Whether it is the right of a superuser.
    administers: bool,
    /// Whether an administrator who acts as the holder has it too.
    is_delegated: bool,
}

/// Refuses an administrator who acts as the user, for what only users themselves do.
pub(crate) fn demand_user(cx: &Context) -> Result<(), Fault> {
    match &cx.actor {
        Some(Actor::User { session, .. }) => demand_user_of(session),
        Some(Actor::System(_)) | None => Ok(()),
    }
}

/// The same for a session.
pub(crate) fn demand_user_of(session: &SessionInfo) -> Result<(), Fault> {
    if session.actor.is_some() { Err(RightLost::Impersonated.into()) } else { Ok(()) }
}

impl<'a> Right<'a> {
    /// The right of the actor, for what users do themselves. An administrator who acts as the user does not have it, see
    /// [`delegated`](Self::delegated).
    pub(crate) fn of(cx: &'a Context) -> Self {
        match &cx.actor {
            Some(Actor::User { id, session }) => Self { holder: Some((id, session)), ..Self::default() },
            Some(Actor::System(_)) | None => Self::default(),
        }
    }

    /// The right of the actor, for what only superusers do.
    pub(crate) fn to_administer(cx: &'a Context) -> Self {
        Self { administers: true, ..Self::of(cx) }
    }

    /// The right of a session that requested something which is done later.
    pub(crate) fn through(user: &'a str, session: &'a SessionInfo) -> Self {
        Self { holder: Some((user, session)), ..Self::default() }
    }

    /// Lets an administrator who acts as the user have it too.
    pub(crate) fn delegated(self) -> Self {
        Self { is_delegated: true, ..self }
    }

    /// Returns the holder's id. A text that is not an id means that the right is lost.
    pub(crate) fn holder_id<I: UserId>(&self) -> Result<Option<(I, &'a SessionInfo)>, RightLost> {
        let parsed = |(text, session): (&str, &'a SessionInfo)| Some((text.parse().ok()?, session));
        self.holder.map(|holder| parsed(holder).ok_or(RightLost::Session)).transpose()
    }

    /// Returns the other row that must be locked beside one: that of the holder, or of the administrator who acts as
    /// the holder, whose right is to their own row alone.
    pub(crate) fn other_id<I: UserId>(&self) -> Result<Option<I>, RightLost> {
        match self.holder.and_then(|(_, session)| session.actor.as_ref()) {
            Some(actor) => actor.id.parse().map(Some).map_err(|_| RightLost::Session),
            None => Ok(self.holder_id()?.map(|(holder, _)| holder)),
        }
    }

    /// Checks in a transaction of its own that the right exists now.
    pub(crate) async fn demand<S: UserStore>(&self, engine: &Engine<S>) -> Result<(), Fault> {
        let look = |()| async {
            let mut tx = engine.store().begin().await?;
            Ok(self.admit_alone(engine, &mut tx).await?)
        };
        until_written(None, || async { Ok(()) }, look).await
    }

    /// Locks the row of the holder only, and checks that the right still exists.
    pub(crate) async fn admit_alone<S: UserStore>(&self, engine: &Engine<S>, tx: &mut S::Tx) -> Result<(), Fault> {
        let (Some((id, _)), Some(other)) = (self.holder_id::<S::Id>()?, self.other_id()?) else { return Ok(()) };
        let rows = engine.store().find_locked(tx, [&id, &other]).await?;
        self.admit(engine, tx, &rows).await
    }

    /// Checks that the right still exists, while the rows of its holder and of who acts as the holder are locked.
    pub(crate) async fn admit<S: UserStore>(
        &self,
        engine: &Engine<S>,
        tx: &mut S::Tx,
        rows: &[RecordOf<S>],
    ) -> Result<(), Fault> {
        let Some((id, session)) = self.holder_id::<S::Id>()? else { return Ok(()) };
        if !self.is_delegated {
            demand_user_of(session)?;
        }
        let row = |id: &S::Id| rows.iter().find(|row| row.user.id == *id);
        let fits = |record: &&RecordOf<S>| record.user.is_active && session.is_of(&record.stamp);
        let record = row(&id).filter(fits).ok_or(RightLost::Session)?;
        lives(engine, tx, session, record).await?;
        if let Some(actor) = &session.actor {
            may_act(engine, tx, actor, record, self.other_id()?.and_then(|other: S::Id| row(&other))).await?;
        }
        if self.administers && !record.user.is_superuser {
            return Err(RightLost::Role.into());
        }
        Ok(())
    }
}

/// Refuses a session that has ended, while the row of its user is locked.
async fn lives<S: UserStore>(
    engine: &Engine<S>,
    tx: &mut S::Tx,
    session: &SessionInfo,
    record: &RecordOf<S>,
) -> Result<(), Fault> {
    let now = engine.now();
    if now >= session.expires_at {
        return Err(RightLost::Session.into());
    }
    if let Some(backend) = engine.backend(&session.backend)
        && !backend.strategy().holds(engine.store(), tx, session, record, now).await?
    {
        return Err(RightLost::Session.into());
    }
    Ok(())
}

/// Refuses an administrator who may no longer act as a user, while their row is locked: they must be an active superuser,
/// and their own session must last. No one acts as a superuser, also as one who became it since.
async fn may_act<S: UserStore>(
    engine: &Engine<S>,
    tx: &mut S::Tx,
    actor: &SessionActor,
    user: &RecordOf<S>,
    administrator: Option<&RecordOf<S>>,
) -> Result<(), Fault> {
    let fits = |record: &&RecordOf<S>| {
        record.user.is_active && record.user.is_superuser && record.stamp.has_prefix(&actor.stamp)
    };
    let record = administrator.filter(fits).ok_or(RightLost::Session)?;
    if user.user.is_superuser || !engine.has_part(IMPERSONATION) || engine.backend(&actor.backend).is_none() {
        return Err(RightLost::Session.into());
    }
    let session = SessionInfo::new(SessionId::new(&*actor.session), &*actor.backend, engine.now(), Timestamp::MAX);
    lives(engine, tx, &session, record).await
}

/// Returns whether the administrator in a session may still act as its user. It is asked at each request of such a
/// session, and of no other.
pub(crate) async fn acts<S: UserStore>(engine: &Engine<S>, user: &S::Id, session: &SessionInfo) -> Result<bool, Fault> {
    match Right::through(&user.to_string(), session).delegated().demand(engine).await {
        Ok(()) => Ok(true),
        Err(Fault::RightLost(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

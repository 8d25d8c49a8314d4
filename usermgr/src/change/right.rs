//! The right to a write: the caller, their session and their role. A guard has checked it before the operation began.
//! It is checked again here inside the transaction, where the result stays true until the commit.

use crate::{
    context::{Actor, Context},
    engine::Engine,
    error::{Fault, RightLost},
    session::SessionInfo,
    store::{RecordOf, UserStore},
    user::UserId,
};

/// The right by which a row is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Right<'a> {
    /// The holder and the session. `None` if the application itself acts, or if the proof concerns the row itself.
    pub(crate) holder: Option<(&'a str, &'a SessionInfo)>,
    /// Whether it is the right of a superuser.
    administers: bool,
}

impl<'a> Right<'a> {
    /// The right of the actor, for what users do themselves.
    pub(crate) fn of(cx: &'a Context) -> Self {
        match &cx.actor {
            Some(Actor::User { id, session }) => Self { holder: Some((id, session)), administers: false },
            Some(Actor::System(_)) | None => Self::default(),
        }
    }

    /// The right of the actor, for what only superusers do.
    pub(crate) fn to_administer(cx: &'a Context) -> Self {
        Self { administers: true, ..Self::of(cx) }
    }

    /// The right of a session that requested something which is done later.
    pub(crate) fn through(user: &'a str, session: &'a SessionInfo) -> Self {
        Self { holder: Some((user, session)), administers: false }
    }

    /// Returns the holder's id. A text that is not an id means that the right is lost.
    pub(crate) fn holder_id<I: UserId>(&self) -> Result<Option<(I, &'a SessionInfo)>, RightLost> {
        let parsed = |(text, session): (&str, &'a SessionInfo)| Some((text.parse().ok()?, session));
        self.holder.map(|holder| parsed(holder).ok_or(RightLost::Session)).transpose()
    }

    /// Locks the row of the holder only, and checks that the right still exists.
    pub(crate) async fn admit_alone<S: UserStore>(&self, engine: &Engine<S>, tx: &mut S::Tx) -> Result<(), Fault> {
        let Some((id, session)) = self.holder_id::<S::Id>()? else { return Ok(()) };
        let rows = engine.store().find_locked(tx, [&id, &id]).await?;
        self.admit(engine, tx, session, rows.first()).await
    }

    /// Checks that the right still exists, while the row of its holder is locked.
    pub(crate) async fn admit<S: UserStore>(
        &self,
        engine: &Engine<S>,
        tx: &mut S::Tx,
        session: &SessionInfo,
        holder: Option<&RecordOf<S>>,
    ) -> Result<(), Fault> {
        let now = engine.now();
        let fits =
            |record: &&RecordOf<S>| record.user.is_active && session.is_of(&record.stamp) && now < session.expires_at;
        let record = holder.filter(fits).ok_or(RightLost::Session)?;
        if let Some(backend) = engine.backend(&session.backend)
            && !backend.strategy().holds(engine.store(), tx, session, record, now).await?
        {
            return Err(RightLost::Session.into());
        }
        if self.administers && !record.user.is_superuser {
            return Err(RightLost::Role.into());
        }
        Ok(())
    }
}

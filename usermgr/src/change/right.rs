//! The right to a write: who asks, through which session, and as what. A guard has asked before the operation began; here it is asked
//! once more inside the transaction, where the answer stays true until the write is committed.

use crate::{
    context::{Actor, Context},
    engine::Engine,
    error::{Fault, RightLost},
    session::SessionInfo,
    store::{RecordOf, UserStore},
    user::UserId,
};

/// By what right a row is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Right<'a> {
    /// Whose it is, and the session that it rests on. Nobody, where the application itself acts, or what is shown is of the row.
    pub(crate) holder: Option<(&'a str, &'a SessionInfo)>,
    /// Whether it is that of a superuser.
    administers: bool,
}

impl<'a> Right<'a> {
    /// That of the actor, for what users do themselves.
    pub(crate) fn of(cx: &'a Context) -> Self {
        match &cx.actor {
            Some(Actor::User { id, session }) => Self { holder: Some((id, session)), administers: false },
            Some(Actor::System(_)) | None => Self::default(),
        }
    }

    /// That of the actor, for what only superusers do.
    pub(crate) fn to_administer(cx: &'a Context) -> Self {
        Self { administers: true, ..Self::of(cx) }
    }

    /// That of a session in which something was asked for that is done later.
    pub(crate) fn through(user: &'a str, session: &'a SessionInfo) -> Self {
        Self { holder: Some((user, session)), administers: false }
    }

    /// The id of its holder. A text that is no id here is a right that was lost.
    pub(crate) fn holder_id<I: UserId>(&self) -> Result<Option<(I, &'a SessionInfo)>, RightLost> {
        let parsed = |(text, session): (&str, &'a SessionInfo)| Some((text.parse().ok()?, session));
        self.holder.map(|holder| parsed(holder).ok_or(RightLost::Session)).transpose()
    }

    /// Holds the row of its holder alone, and looks whether it is still there.
    pub(crate) async fn admit_alone<S: UserStore>(&self, engine: &Engine<S>, tx: &mut S::Tx) -> Result<(), Fault> {
        let Some((id, session)) = self.holder_id::<S::Id>()? else { return Ok(()) };
        let rows = engine.store().find_locked(tx, [&id, &id]).await?;
        self.admit(engine, tx, session, rows.first()).await
    }

    /// Looks whether it is still there, while the row of its holder is held.
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

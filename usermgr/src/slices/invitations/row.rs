//! The row of an invitation: a credential of the invited account, which ends with it, with its use, and with every other
//! proof of the address.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Invitations;
use crate::{
    context::Actor,
    engine::Engine,
    span::later,
    store::{Credential, CredentialKind, NewCredential, RecordOf, StoreError, UserStore},
    user::Record,
};

/// The kind under which invitations are stored.
pub(super) const KIND: CredentialKind = CredentialKind::new("invitation");

/// The content of a row. The row itself does not expire, so that an invitation that has expired is still listed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Content {
    /// Who has invited: `user:<id>` or `system:<name>`.
    pub(super) by: Option<String>,
    /// When the last mail was requested, in whole seconds, as in its token.
    pub(super) sent: Timestamp,
    /// When the invitation stops working.
    pub(super) until: Timestamp,
}

impl Content {
    /// The content of an invitation that is sent now.
    pub(super) fn now(part: &Invitations, by: Option<&Actor>, now: Timestamp) -> Self {
        let sent = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { by: by.map(ToString::to_string), sent, until: later(sent, part.lifetime) }
    }

    /// Reads the content of a row.
    pub(super) fn of<I>(row: &Credential<I>) -> Result<Self, StoreError> {
        serde_json::from_str(&row.data).map_err(StoreError::backend)
    }

    /// The row of a user, at its first writing.
    pub(super) fn to_credential<I>(&self, user_id: I, created_at: Timestamp) -> Result<NewCredential<I>, StoreError> {
        let data = serde_json::to_string(self).map_err(StoreError::backend)?;
        Ok(NewCredential::new(user_id, KIND, data, created_at))
    }

    /// How long the token is valid from the time on when the mail was requested.
    pub(super) fn lifetime(&self) -> Duration {
        self.until.duration_since(self.sent).unsigned_abs()
    }
}

/// An account that was invited and waits, with the row of its invitation.
pub(crate) struct Invited<S: UserStore> {
    pub(crate) record: RecordOf<S>,
    pub(super) row: Credential<S::Id>,
    pub(super) content: Content,
}

impl<S: UserStore> Invited<S> {
    /// Finds the invitation of an account. Without the part, nothing is read.
    pub(super) async fn find(engine: &Engine<S>, record: RecordOf<S>) -> Result<Option<Self>, StoreError> {
        let Some(row) = row_of(engine, &record.user.id).await? else { return Ok(None) };
        let content = Content::of(&row)?;
        Ok(Some(Self { record, row, content }))
    }

    /// Finds the invitation of an account if it can be accepted now.
    pub(crate) async fn waiting(engine: &Engine<S>, record: RecordOf<S>) -> Result<Option<Self>, StoreError> {
        let now = engine.now();
        let found = Self::find(engine, record).await?;
        let fits = |invited: &Self| {
            let Record { user, password_hash, .. } = &invited.record;
            user.is_active && password_hash.is_none() && now < invited.content.until
        };
        Ok(found.filter(fits))
    }
}

/// Whether an account is not in use yet. One that a superuser has given a password, or whose owner has verified the
/// address and logs in by mail, is an account as others.
pub(super) fn is_unused<P, I>(record: &Record<P, I>) -> bool {
    !record.user.is_verified && record.password_hash.is_none()
}

/// The row of a user's invitation.
pub(crate) async fn row_of<S: UserStore>(
    engine: &Engine<S>,
    user_id: &S::Id,
) -> Result<Option<Credential<S::Id>>, StoreError> {
    let Some(credentials) = engine.credentials().filter(|_| engine.kept::<Invitations>().is_some()) else {
        return Ok(None);
    };
    let rows = credentials.of_user(engine.store(), user_id, engine.now()).await?;
    Ok(rows.into_iter().find(|row| row.kind == KIND))
}

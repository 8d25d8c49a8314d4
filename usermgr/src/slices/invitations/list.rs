//! The invitations that were not accepted, in pages.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Invitations,
    row::{Content, KIND, is_unused},
};
use crate::{
    admin::Admin,
    engine::Engine,
    error::Fault,
    manager::{IdOf, UserManager},
    store::{Credential, CredentialId, ListQuery, UserStore},
    user::{NoProfile, User},
};

/// An invitation that was not accepted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invitation<I = Uuid> {
    /// The account that waits, without its profile. Its id names the invitation.
    pub user: User<NoProfile, I>,
    /// Who has invited: `user:<id>` or `system:<name>`.
    pub invited_by: Option<String>,
    /// When the user was invited first.
    pub invited_at: Timestamp,
    /// When the last mail was requested.
    pub sent_at: Timestamp,
    /// When the invitation stops working.
    pub expires_at: Timestamp,
    /// Whether it has stopped working.
    pub is_expired: bool,
}

impl<I> Invitation<I> {
    pub(super) fn of(user: User<NoProfile, I>, row: &Credential<I>, content: Content, now: Timestamp) -> Self {
        let Content { by, sent, until } = content;
        Self {
            user,
            invited_by: by,
            invited_at: row.created_at,
            sent_at: sent,
            expires_at: until,
            is_expired: until <= now,
        }
    }
}

/// A page of invitations, the oldest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InvitationPage<I = Uuid> {
    /// The invitations.
    pub invitations: Vec<Invitation<I>>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<CredentialId>,
}

pub(crate) async fn list<M: UserManager + ?Sized>(
    manager: &M,
    _: &Admin,
    query: ListQuery<CredentialId>,
) -> Result<InvitationPage<IdOf<M>>, Fault> {
    let engine = manager.engine_ref();
    Invitations::of(engine)?;
    let query = query.bounded();
    let limit = query.limit as usize;
    let mut rows = match engine.credentials() {
        // One more than requested shows whether there is another page.
        Some(credentials) => credentials.of_kind(engine.store(), &KIND, query.after.as_ref(), query.limit + 1).await?,
        None => Vec::new(),
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.clone());
    let mut invitations = Vec::with_capacity(rows.len());
    for row in &rows {
        invitations.extend(described(engine, row).await?);
    }
    Ok(InvitationPage { invitations, next_cursor })
}

/// Describes a row with its account, which may have been deleted since, or may be in use.
async fn described<S: UserStore>(
    engine: &Engine<S>,
    row: &Credential<S::Id>,
) -> Result<Option<Invitation<S::Id>>, Fault> {
    // The profile may be unreadable, and is not shown.
    let record = engine.store().find_stored(&row.user_id).await?.filter(is_unused);
    let Some(record) = record else { return Ok(None) };
    Ok(Some(Invitation::of(record.user.without_profile(), row, Content::of(row)?, engine.now())))
}

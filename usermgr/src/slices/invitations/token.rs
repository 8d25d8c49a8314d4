//! The token of an invitation.

use super::row::Invited;
use crate::{
    error::Fault,
    settings::Configured,
    store::UserStore,
    token::{Invitation, InvitationClaims, InvitationToken},
    user::Record,
};

/// A token for the current address of an invited account, and for the half of the stamp that stays when all sessions are
/// ended. It works from the time of the request on, however late the mail is.
pub(super) fn token<S: UserStore>(configured: &Configured, invited: &Invited<S>) -> Result<InvitationToken, Fault> {
    let issuer = configured.issuer::<Invitation>();
    let Record { user, stamp, .. } = &invited.record;
    let (sub, email, st) = (user.id.to_string(), user.email.to_string(), stamp.suffix());
    let (audience, lifetime, sent) = (issuer.audience(), invited.content.lifetime(), invited.content.sent);
    let claims = InvitationClaims::issue(sub, audience, lifetime, sent, email, st)?;
    Ok(issuer.issue(&claims)?)
}

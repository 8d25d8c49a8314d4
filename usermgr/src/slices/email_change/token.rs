//! The token that changes an address, and whether the address is taken.

use crate::{
    change::right::Right,
    error::Fault,
    manager::{ManagedUser, UserManager},
    op::Op,
    store::{Lookup, RecordOf, UserStore},
    token::{ChangeEmail, ChangeEmailClaims, ChangeEmailToken},
    user::{EmailAddress, Record},
};

/// Whether another user has the address.
pub(crate) async fn is_taken<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    new: &EmailAddress,
) -> Result<bool, Fault> {
    let owner = manager.engine_ref().store().find(Lookup::Email(new)).await?;
    Ok(owner.is_some_and(|owner| owner.user.id != user.id))
}

/// A token for the current stamp and address of an account, for the new address, and for the session that asks.
pub(crate) fn token<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    Record { user, stamp, .. }: &RecordOf<M::Store>,
    new: &EmailAddress,
) -> Result<ChangeEmailToken, Fault> {
    let Op { engine, configured, cx, .. } = op;
    let issuer = configured.issuer::<ChangeEmail>();
    let (sub, old, pending) = (user.id.to_string(), user.email.to_string(), new.to_string());
    let session = Right::of(cx).holder.and_then(|(holder, session)| (holder == sub).then_some(session));
    let (sid, via) = (session.map(|session| session.id.to_string()), session.map(|session| session.backend.clone()));
    let (audience, lifetime, st) = (issuer.audience(), issuer.lifetime(), stamp.prefix());
    let mut claims = ChangeEmailClaims::issue(sub, audience, lifetime, engine.now(), old, pending, st, sid, via)?;
    if let Some(session) = session {
        // The end of a session may be forgotten after its expiry.
        claims.exp = claims.exp.min(session.expires_at.as_second());
    }
    Ok(issuer.issue(&claims)?)
}

//! The token that resets a password.

use crate::{
    error::Fault,
    manager::UserManager,
    store::RecordOf,
    token::{Reset, ResetClaims, ResetToken},
    user::Record,
};

/// A token for the current address of an account, and for the half of the stamp that stays when all sessions are ended.
pub(crate) fn token<M: UserManager + ?Sized>(
    manager: &M,
    Record { user, stamp, .. }: &RecordOf<M::Store>,
) -> Result<ResetToken, Fault> {
    let engine = manager.engine_ref();
    let configured = engine.configured(|| manager.settings())?;
    let issuer = configured.issuer::<Reset>();
    let (sub, email) = (user.id.to_string(), user.email.to_string());
    let claims = ResetClaims::issue(sub, issuer.audience(), issuer.lifetime(), engine.now(), email, stamp.suffix())?;
    Ok(issuer.issue(&claims)?)
}

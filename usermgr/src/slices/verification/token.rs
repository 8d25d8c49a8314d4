//! The token that verifies an address.

use crate::{
    error::Fault,
    manager::{ManagedUser, UserManager},
    token::{Verify, VerifyClaims, VerifyToken},
};

/// A token for the current address of a user.
pub(crate) fn token<M: UserManager + ?Sized>(manager: &M, user: &ManagedUser<M>) -> Result<VerifyToken, Fault> {
    let engine = manager.engine_ref();
    let configured = engine.configured(|| manager.settings())?;
    let issuer = configured.issuer::<Verify>();
    let (sub, email) = (user.id.to_string(), user.email.to_string());
    let claims = VerifyClaims::issue(sub, issuer.audience(), issuer.lifetime(), engine.now(), email)?;
    Ok(issuer.issue(&claims)?)
}

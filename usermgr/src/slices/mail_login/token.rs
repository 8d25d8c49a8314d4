//! The token of the link.

use super::{MailLogin, request::Request};
use crate::{
    error::Fault,
    manager::UserManager,
    settings::Configured,
    store::RecordOf,
    token::{MagicLink, MagicLinkClaims, MagicLinkToken},
    user::Record,
};

/// A token for the current address of an account, for the half of the stamp that ends with all sessions, and for a
/// request. It works from the time of the request on, however late the mail is.
pub(super) fn token<M: UserManager + ?Sized>(
    configured: &Configured,
    part: &MailLogin,
    Record { user, stamp, .. }: &RecordOf<M::Store>,
    request: &Request<'_, M::Store>,
) -> Result<MagicLinkToken, Fault> {
    let issuer = configured.issuer::<MagicLink>();
    let (sub, email, digest) = (user.id.to_string(), user.email.to_string(), request.digest.as_str().to_owned());
    let (audience, lifetime) = (issuer.audience(), part.link_lifetime);
    let claims = MagicLinkClaims::issue(sub, audience, lifetime, request.at, email, stamp.prefix(), digest)?;
    Ok(issuer.issue(&claims)?)
}

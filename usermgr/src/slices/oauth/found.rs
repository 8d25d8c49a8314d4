//! What is known about an identity and its address, and how a user got in.

use super::OAuthError;
use crate::{
    engine::Answers,
    manager::UserManager,
    op::Op,
    store::{Credential, Identity, Lookup, RecordOf, UserStore},
    user::{EmailAddress, OAuthClaims},
};

/// What is known about an identity and its address.
pub(super) enum Found<S: UserStore> {
    /// The identity is linked to this account.
    Known(Box<(Credential<S::Id>, RecordOf<S>)>),
    /// The identity is unknown, and this account has the address.
    Taken(EmailAddress, Box<RecordOf<S>>),
    /// Both are unknown.
    Free(EmailAddress),
}

/// How a user got in.
pub(super) enum Entered<S: UserStore> {
    Known(Box<(Credential<S::Id>, RecordOf<S>)>),
    Registered(RecordOf<S>),
    /// The account was linked by its verified address.
    Linked(RecordOf<S>),
    /// The account had never verified its address, and belongs to the owner of the address now.
    Claimed(RecordOf<S>),
    /// The user was invited, and has accepted.
    Invited(RecordOf<S>),
}

/// Looks for the identity first. The address decides only about an unknown identity.
pub(super) async fn find<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
) -> Result<Found<M::Store>, OAuthError> {
    let engine = op.engine;
    if let Some(known) = identified(op, claims).await? {
        return Ok(Found::Known(Box::new(known)));
    }
    let email = claims.email.clone().ok_or(OAuthError::NoEmail)?;
    // Only a user who has proved the address at a provider learns whether an account exists.
    if engine.answers() == Answers::Discreet && !claims.email_verified {
        return Err(OAuthError::NoEmail);
    }
    Ok(match engine.store().find(Lookup::Email(&email)).await? {
        Some(record) => Found::Taken(email, Box::new(record)),
        None => Found::Free(email),
    })
}

/// The account to which an identity is linked.
pub(super) async fn identified<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
) -> Result<Option<(Credential<<M::Store as UserStore>::Id>, RecordOf<M::Store>)>, OAuthError> {
    let engine = op.engine;
    let Some(credentials) = engine.credentials() else { return Ok(None) };
    let lookup = Identity::new(claims.provider.as_str(), claims.subject.as_str()).lookup();
    Ok(credentials.find(engine.store(), &Identity::KIND, &lookup, engine.now()).await?)
}

/// The identity in the claims.
pub(super) fn identity(claims: &OAuthClaims) -> Identity {
    let identity = Identity::new(claims.provider.as_str(), claims.subject.as_str());
    match &claims.email {
        Some(email) => identity.email(email.as_str()),
        None => identity,
    }
}

//! One-time codes: a sign-in in the browser of the system ends in an application on the device. The browser gets a code in
//! a URL, which others may see, and only who has begun the sign-in can exchange it (RFC 7636).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::OAuthError;
use crate::{
    LoginError,
    amr::Amr,
    error::Fault,
    login::{LoggedIn, establish, login_backend},
    manager::UserManager,
    op::Op,
    session::Authenticated,
    span::later,
    store::{CredentialDigest, Lookup, Pending, PendingPurpose, StoreError, UserStore},
    token::random,
    user::{EmailAddress, OAuthClaims},
};

/// The purpose under which a code is stored.
const PURPOSE: PendingPurpose = PendingPurpose::new("oauth-code");
/// The lifetime of a code (RFC 6749, 4.1.2, allows ten minutes).
const LIFETIME: Duration = Duration::from_secs(60);

/// What is stored until the code comes back.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// The PKCE challenge of the application.
    challenge: String,
    /// The backend through which the user is logged in.
    backend: String,
    /// The part of the user's stamp that tokens carry.
    stamp: String,
    methods: Amr,
    claims: Option<Kept>,
}

/// What the provider has said.
#[derive(Serialize, Deserialize)]
struct Kept {
    provider: String,
    subject: String,
    email: Option<String>,
    email_verified: bool,
    email_trusted: bool,
    raw: Map<String, Value>,
}

/// Whether a text is a challenge of the method S256: 32 bytes in base64url.
pub(crate) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Makes a code for a user who has come back.
pub(super) async fn issue<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    who: &Authenticated<M::Store>,
    challenge: &str,
    backend: &str,
) -> Result<Zeroizing<String>, OAuthError> {
    let engine = op.engine;
    let Some(credentials) = engine.credentials() else { return Err(OAuthError::InvalidCode) };
    let code = random().map_err(Fault::from)?;
    let waiting = Waiting {
        challenge: challenge.to_owned(),
        backend: backend.to_owned(),
        stamp: who.record().stamp.prefix(),
        methods: who.methods().clone(),
        claims: who.claims().cloned().map(Kept::from),
    };
    let data = serde_json::to_string(&waiting).map_err(StoreError::backend)?;
    let until = later(engine.now(), LIFETIME);
    let pending = Pending::new(CredentialDigest::of(code.as_str()), PURPOSE, data, until).user(who.user().id.clone());
    match credentials.put_pending(engine.store(), &pending).await {
        Ok(()) => Ok(code),
        // The user was deleted meanwhile.
        Err(StoreError::Stale) => Err(LoginError::BadCredentials.into()),
        Err(error) => Err(error.into()),
    }
}

/// Logs in the user of a code. A code is used up by the first attempt, also by one with a wrong verifier.
pub(crate) async fn redeem<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    code: &str,
    verifier: &str,
    backend: &str,
) -> Result<LoggedIn<M::Store>, OAuthError> {
    let (engine, store, now) = (op.engine, op.engine.store(), op.engine.now());
    let backend = login_backend(engine, backend)?;
    let Some(credentials) = engine.credentials() else { return Err(OAuthError::InvalidCode) };
    let taken = credentials.take_pending(store, &CredentialDigest::of(code), &PURPOSE, now).await?;
    let waiting =
        taken.and_then(|pending| Some((pending.user_id?, serde_json::from_str::<Waiting>(&pending.data).ok()?)));
    let (id, Waiting { challenge, backend: named, stamp, methods, claims }) = waiting.ok_or(OAuthError::InvalidCode)?;
    let proved = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    if named != backend.name() || !bool::from(proved.as_bytes().ct_eq(challenge.as_bytes())) {
        return Err(OAuthError::InvalidCode);
    }
    let record = store.find(Lookup::Id(&id)).await?.filter(|record| record.stamp.has_prefix(&stamp));
    let who = Authenticated::new(record.ok_or(OAuthError::InvalidCode)?, methods, now);
    let who = match claims {
        Some(kept) => who.with_claims(kept.into()),
        None => who,
    };
    let username = who.user().email.to_string();
    Ok(establish(op.manager, who, backend, &username, op.cx).await?)
}

impl From<OAuthClaims> for Kept {
    fn from(claims: OAuthClaims) -> Self {
        let OAuthClaims { provider, subject, email, email_verified, email_trusted, raw } = claims;
        Self { provider, subject, email: email.map(|email| email.to_string()), email_verified, email_trusted, raw }
    }
}

impl From<Kept> for OAuthClaims {
    fn from(kept: Kept) -> Self {
        let Kept { provider, subject, email, email_verified, email_trusted, raw } = kept;
        let email = email.map(EmailAddress::from_stored);
        Self { provider, subject, email, email_verified, email_trusted, raw }
    }
}

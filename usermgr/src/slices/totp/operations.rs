//! Setting up an authenticator app: the secret waits sealed until one of its codes proves the app.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    TotpEnrolment,
    code::Secret,
    part::{Installed, Kept, NAME, TOTP},
};
use crate::{
    amr::Method,
    error::Fault,
    manager::{IdOf, UserManager},
    op::Op,
    seal::{Place, SealError},
    session::Principal,
    slices::factors::{AddedFactor, FactorError, acting, add, may_add},
    span::later,
    store::{CredentialDigest, FactorInfo, NewCredential, Pending, PendingPurpose, StoreError},
    token::PendingToken,
};

const PURPOSE: PendingPurpose = PendingPurpose::new(NAME);
/// The place of the sealed secret while it waits.
const WAITING: &str = "totp_pending";
/// How long an app may be set up.
const LIFETIME: Duration = Duration::from_secs(600);
/// How many codes are judged for one app.
const MOST_ATTEMPTS: u32 = 5;

/// What waits for the first code, as it is sealed.
#[derive(Serialize)]
struct Written<'a> {
    secret: &'a str,
    /// The session in which it was begun.
    session: &'a str,
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Waiting {
    secret: Zeroizing<String>,
    session: String,
}

pub(crate) async fn begin_totp<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
) -> Result<TotpEnrolment, FactorError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    let Op { engine, configured, .. } = op;
    let (Some(installed), Some(credentials)) = (engine.kept::<Installed>(), engine.credentials()) else {
        return Err(FactorError::NotInstalled);
    };
    let user = may_add(op, &principal.user().id).await?.user;
    let (secret, token) = (Secret::generate()?, PendingToken::opaque().map_err(Fault::from)?);
    let digest = CredentialDigest::of(token.expose());
    let text = Zeroizing::new(STANDARD.encode(secret.bytes()));
    let waiting = Written { secret: &text, session: principal.session.id.as_str() };
    let plain = serde_json::to_vec(&waiting).map(Zeroizing::new).map_err(StoreError::backend)?;
    let place = Place { kind: WAITING, user: &user.id.to_string(), row: digest.as_str() };
    let data = configured.seal.seal(place, &plain).map_err(Fault::from)?;
    let pending = Pending::new(digest.clone(), PURPOSE, data, later(engine.now(), LIFETIME)).user(user.id.clone());
    credentials.put_pending(engine.store(), &pending).await?;
    Ok(TotpEnrolment::new(token, LIFETIME, &secret, &installed.issuer, user.email.as_str()))
}

pub(crate) async fn confirm_totp<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    token: &PendingToken,
    code: &str,
    label: Option<&str>,
) -> Result<AddedFactor, FactorError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    let Op { engine, configured, .. } = op;
    let credentials = engine.credentials().ok_or(FactorError::NotInstalled)?;
    // What can be refused without the code is refused before an attempt is counted.
    let label = FactorInfo::read_label(label).map_err(|()| FactorError::InvalidLabel)?;
    let (store, now, user_id) = (engine.store(), engine.now(), &principal.user().id);
    let digest = CredentialDigest::of(token.expose());
    let secret = match credentials.find_pending(store, &digest, &PURPOSE, now).await? {
        Some(pending) => open(op, &pending, principal)?,
        None => None,
    };
    let secret = secret.ok_or(FactorError::NotPending)?;
    may_add(op, user_id).await?;
    let tried = credentials.try_pending(store, &digest, &PURPOSE, MOST_ATTEMPTS, now).await?;
    tried.ok_or(FactorError::NotPending)?;
    let step = secret.accepts(code, now, None).ok_or(FactorError::BadCode)?;
    let taken = credentials.take_pending(store, &digest, &PURPOSE, now).await?;
    taken.ok_or(FactorError::NotPending)?;
    let mut new = NewCredential::new(user_id.clone(), TOTP, "", now);
    let place = Place { kind: NAME, user: &user_id.to_string(), row: new.id.as_str() };
    // The code that proved the app is used up.
    new.data = Kept::seal(&configured.seal, place, &secret, step).map_err(Fault::from)?;
    new.label = label;
    add(op, &new, &Method::ONE_TIME_PASSWORD.into()).await
}

/// The secret that waits, if this user has begun it in this session.
fn open<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    pending: &Pending<IdOf<M>>,
    principal: &Principal<M::Store>,
) -> Result<Option<Secret>, FactorError> {
    let user_id = &principal.user().id;
    if pending.user_id.as_ref() != Some(user_id) {
        return Ok(None);
    }
    let place = Place { kind: WAITING, user: &user_id.to_string(), row: pending.digest.as_str() };
    let plain = match op.configured.seal.open(place, &pending.data) {
        Ok(plain) => plain,
        // It was sealed under a secret that is gone: the user begins again.
        Err(SealError::UnknownKey | SealError::Forged) => return Ok(None),
        Err(error) => return Err(Fault::from(error).into()),
    };
    let Ok(waiting) = serde_json::from_slice::<Waiting>(&plain) else { return Ok(None) };
    let bytes = STANDARD.decode(waiting.secret.as_bytes()).map(Zeroizing::new).unwrap_or_default();
    Ok(Secret::from_bytes(&bytes).filter(|_| waiting.session == principal.session.id.as_str()))
}

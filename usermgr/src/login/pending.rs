//! A login that waits for its second step: who is asked for one, and what is kept until it comes.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    amr::Amr,
    audit::EventKind,
    context::Context,
    engine::FactorContext,
    error::{Fault, OfferedFactor, PendingLogin},
    hook::raise,
    login::{LoginError, note_failure},
    manager::UserManager,
    session::{Authenticated, Backend, FailedLoginReason},
    span::later,
    store::{CredentialDigest, Pending, PendingPurpose, StoreError, UserStore},
    token::PendingToken,
};

/// Under which purpose a pending login is kept.
pub(super) const PURPOSE: PendingPurpose = PendingPurpose::new("login");
/// How long it waits.
const LIFETIME: Duration = Duration::from_secs(300);

/// What is kept of the first step.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Through which backend the login goes on; none where there is to be no session.
    pub(super) backend: Option<String>,
    /// The part of the user's stamp that tokens carry.
    pub(super) stamp: String,
    /// What was proved.
    pub(super) methods: Amr,
    /// What factors have left for the answer, by their kinds.
    pub(super) states: BTreeMap<String, String>,
}

/// Asks for a second step, if the user has a factor and has not proved two. With an engine that has no factor it does nothing.
pub(crate) async fn demand<M: UserManager + ?Sized>(
    manager: &M,
    who: &Authenticated<M::Store>,
    backend: Option<&Backend<M::Store>>,
    cx: &Context,
) -> Result<Option<PendingLogin>, LoginError> {
    let engine = manager.engine_ref();
    let Some(credentials) = engine.credentials().filter(|_| !engine.factors().is_empty()) else { return Ok(None) };
    if who.methods().is_multi_factor() {
        return Ok(None);
    }
    let (store, user, now) = (engine.store(), who.user(), engine.now());
    let rows = credentials.of_user(store, &user.id, now).await?;
    let context = FactorContext { store, user, credentials: &rows, now, state: None };
    let (mut factors, mut states) = (Vec::new(), BTreeMap::new());
    for factor in engine.factors() {
        if !factor.is_enrolled(&context).await? {
            continue;
        }
        let kind = factor.kind();
        let options = factor.begin(&context).await?.map(|challenge| {
            states.insert(kind.as_str().to_owned(), challenge.state);
            challenge.options
        });
        factors.push(OfferedFactor { kind, options });
    }
    if factors.is_empty() {
        return Ok(None);
    }
    let waiting = Waiting {
        backend: backend.map(|backend| backend.name().to_owned()),
        stamp: who.record().stamp.prefix(),
        methods: who.methods().clone(),
        states,
    };
    let token = random()?;
    let data = serde_json::to_string(&waiting).map_err(StoreError::backend).map_err(Fault::from)?;
    let expires_at = later(now, LIFETIME);
    let pending = Pending::new(CredentialDigest::of(token.expose()), PURPOSE, data, expires_at).user(user.id.clone());
    match credentials.put_pending(store, &pending).await {
        Ok(()) => {}
        // Deleted since the proof.
        Err(StoreError::Stale) => {
            note_failure(manager, user.email.as_str(), None, FailedLoginReason::UnknownAccount, cx).await;
            return Err(LoginError::BadCredentials);
        }
        Err(error) => return Err(Fault::from(error).into()),
    }
    raise(engine, EventKind::LoginPending, Some(&user.id), None, cx);
    Ok(Some(PendingLogin { token, expires_in: LIFETIME, factors }))
}

impl Waiting {
    /// What a row says, if it is for this backend.
    pub(super) fn of<S: UserStore>(pending: &Pending<S::Id>, backend: Option<&str>) -> Option<Self> {
        let waiting = serde_json::from_str::<Self>(&pending.data).ok()?;
        (waiting.backend.as_deref() == backend).then_some(waiting)
    }
}

/// A token of 256 random bits.
fn random() -> Result<PendingToken, Fault> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut())?;
    Ok(URL_SAFE_NO_PAD.encode(*bytes).into())
}

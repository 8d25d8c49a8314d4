//! A login that waits for its second step: which users need one, and what is stored until it is answered.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

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

/// The purpose under which a pending login is stored.
pub(super) const PURPOSE: PendingPurpose = PendingPurpose::new("login");
/// The lifetime of a pending login.
const LIFETIME: Duration = Duration::from_secs(300);

/// The stored result of the first step.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    /// The backend through which the login continues. `None` if no session is wanted.
    pub(super) backend: Option<String>,
    /// The part of the user's stamp that tokens carry.
    pub(super) stamp: String,
    /// The methods that were proved.
    pub(super) methods: Amr,
    /// The states that the factors have left for the answer, by their kinds.
    pub(super) states: BTreeMap<String, String>,
}

/// Starts a second step if the user has a factor and has not proved two. Does nothing if the engine has no factor.
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
    let token = PendingToken::opaque().map_err(Fault::from)?;
    let data = serde_json::to_string(&waiting).map_err(StoreError::backend).map_err(Fault::from)?;
    let expires_at = later(now, LIFETIME);
    let pending = Pending::new(CredentialDigest::of(token.expose()), PURPOSE, data, expires_at).user(user.id.clone());
    match credentials.put_pending(store, &pending).await {
        Ok(()) => {}
        // The user was deleted after the proof.
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
    /// Returns the content of a row if it is for this backend.
    pub(super) fn of<S: UserStore>(pending: &Pending<S::Id>, backend: Option<&str>) -> Option<Self> {
        let waiting = serde_json::from_str::<Self>(&pending.data).ok()?;
        (waiting.backend.as_deref() == backend).then_some(waiting)
    }
}

//! A proof that waits for its second step: which users need one, and what is stored until it is answered.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
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
    store::{CredentialDigest, CredentialKind, Pending, PendingPurpose, SessionId, StoreError, UserStore},
    token::PendingToken,
};

/// The lifetime of a pending login.
const LIFETIME: Duration = Duration::from_secs(300);

/// What the second step completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A login through this backend. `None` if no session is wanted.
    Login(Option<&'a str>),
    /// A new proof in this session.
    StepUp(&'a SessionId),
}

impl Step<'_> {
    /// The purpose under which the step is stored.
    pub(super) fn purpose(self) -> PendingPurpose {
        match self {
            Self::Login(_) => PendingPurpose::new("login"),
            Self::StepUp(_) => PendingPurpose::new("step_up"),
        }
    }

    /// What the step is bound to.
    fn bound_to(self) -> Option<String> {
        match self {
            Self::Login(backend) => backend.map(str::to_owned),
            Self::StepUp(session) => Some(session.to_string()),
        }
    }
}

/// The stored result of the first step.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    /// The backend through which the login continues, or the session in which the user proves themselves again.
    #[serde(rename = "backend")]
    bound_to: Option<String>,
    /// The part of the user's stamp that tokens carry.
    pub(super) stamp: String,
    /// The methods that were proved.
    pub(super) methods: Amr,
    /// When they were proved, if that is not a part of the second step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// Whether the limits have counted the first step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) counted: bool,
    /// The states that the factors have left for the answer, by their kinds.
    pub(super) states: BTreeMap<String, String>,
    /// What the client was offered, for a client that has lost it.
    #[serde(default)]
    pub(super) offered: Vec<Offered>,
}

/// An [`OfferedFactor`] as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct Offered {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<serde_json::Value>,
}

impl From<&OfferedFactor> for Offered {
    fn from(offered: &OfferedFactor) -> Self {
        Self { kind: offered.kind.to_string(), options: offered.options.clone() }
    }
}

impl From<Offered> for OfferedFactor {
    fn from(Offered { kind, options }: Offered) -> Self {
        Self { kind: CredentialKind::from_stored(kind), options }
    }
}

/// Starts the second step of a login if the user has a factor and has not proved two. Does nothing if the engine has no
/// factor.
pub(crate) async fn demand<M: UserManager + ?Sized>(
    manager: &M,
    who: &Authenticated<M::Store>,
    backend: Option<&Backend<M::Store>>,
    cx: &Context,
) -> Result<Option<PendingLogin>, LoginError> {
    if who.methods().is_multi_factor() {
        return Ok(None);
    }
    match begin(manager, who, Step::Login(backend.map(Backend::name)), None).await {
        Ok(Some(pending)) => {
            raise(manager.engine_ref(), EventKind::LoginPending, Some(&who.user().id), None, cx);
            Ok(Some(pending))
        }
        Ok(None) => Ok(None),
        // The user was deleted after the proof.
        Err(Fault::Store(StoreError::Stale)) => {
            note_failure(manager, who.user().email.as_str(), None, FailedLoginReason::UnknownAccount, cx).await;
            Err(LoginError::BadCredentials)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Stores what was proved until a factor of the user is answered. `None` for a user without a factor.
///
/// - `at`: when the first step was proved, if that is not now.
pub(super) async fn begin<M: UserManager + ?Sized>(
    manager: &M,
    who: &Authenticated<M::Store>,
    step: Step<'_>,
    at: Option<Timestamp>,
) -> Result<Option<PendingLogin>, Fault> {
    let engine = manager.engine_ref();
    let Some(credentials) = engine.credentials().filter(|_| !engine.factors().is_empty()) else { return Ok(None) };
    let (store, user, now) = (engine.store(), who.user(), engine.now());
    let rows = credentials.of_user(store, &user.id, now).await?;
    let keys = &*engine.configured(|| manager.settings())?;
    let context = FactorContext::new(store, user, &rows, now, None, keys);
    let (mut factors, mut states, mut needed) = (Vec::new(), BTreeMap::new(), false);
    for factor in engine.factors() {
        if !factor.is_enrolled(&context).await? {
            continue;
        }
        needed |= !factor.is_backup();
        let kind = factor.kind();
        let options = factor.begin(&context).await?.map(|challenge| {
            states.insert(kind.as_str().to_owned(), challenge.state);
            challenge.options
        });
        factors.push(OfferedFactor { kind, options });
    }
    if !needed {
        return Ok(None);
    }
    let methods = who.methods().clone();
    let (stamp, offered) = (who.record().stamp.prefix(), factors.iter().map(Offered::from).collect());
    let (bound_to, counted) = (step.bound_to(), who.is_counted());
    let waiting = Waiting { bound_to, stamp, methods, at, counted, states, offered };
    let token = PendingToken::opaque()?;
    let data = serde_json::to_string(&waiting).map_err(StoreError::backend)?;
    let (digest, expires_at) = (CredentialDigest::of(token.expose()), later(now, LIFETIME));
    let pending = Pending::new(digest, step.purpose(), data, expires_at).user(user.id.clone());
    credentials.put_pending(store, &pending).await?;
    Ok(Some(PendingLogin { token, expires_in: LIFETIME, factors }))
}

impl Waiting {
    /// Returns the content of a row if it is for this step.
    pub(super) fn of<S: UserStore>(pending: &Pending<S::Id>, step: Step<'_>) -> Option<Self> {
        let waiting = serde_json::from_str::<Self>(&pending.data).ok()?;
        (waiting.bound_to == step.bound_to()).then_some(waiting)
    }
}

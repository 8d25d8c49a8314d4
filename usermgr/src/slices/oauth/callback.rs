//! The two ends of a sign-in: the URL to which a browser is sent, and what it comes back with.

use zeroize::Zeroizing;

use super::{OAuthError, accounts, handoff, linking, tokens};
use crate::{
    audit::EventKind,
    error::Rejection,
    federation::{
        Answer, AuthorizationRequest, Ending, Flow, FlowKind, Holder, Identified, Installed, NoFlow, ProviderError,
        Remote, Resumed, Started,
    },
    hook::raise,
    limits::{Judgement, Subject},
    login::{LoggedIn, use_up},
    manager::{ManagedUser, UserManager},
    op::Op,
    session::Principal,
    store::UserStore,
    token::OAuthStateToken,
};

/// What a provider may answer in place of a code: the names of RFC 6749 (4.1.2.1) and OpenID Connect Core 1.0
/// (3.1.2.6). Everything else is answered in general words, so that no page shows what a stranger wrote.
const ERRORS: [&str; 15] = [
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "registration_not_supported",
];

/// The provider of a request, with the part that has it.
pub(crate) struct Place<'a, S: UserStore> {
    pub(crate) installed: &'a Installed<S>,
    pub(crate) remote: &'a Remote,
    pub(crate) kind: FlowKind,
}

/// A user in a session, to which a flow can be bound.
pub(super) struct Bound {
    user: String,
    stamp: String,
    session: String,
}

impl Bound {
    pub(super) fn of<S: UserStore>(principal: &Principal<S>) -> Self {
        Self {
            user: principal.user().id.to_string(),
            stamp: principal.stamp.prefix(),
            session: principal.session.id.as_str().to_owned(),
        }
    }

    fn holder(&self) -> Holder<'_> {
        Holder { user: &self.user, stamp: &self.stamp, session: &self.session }
    }
}

/// What a client wants at the beginning.
pub(crate) struct Wanted {
    /// Where a parameter is found: `query` or `body`.
    pub(crate) place: &'static str,
    pub(crate) ending: Ending,
    pub(crate) scopes: Vec<String>,
}

/// What a user gets who has come back.
pub(super) enum Arrived<S: UserStore> {
    Session(Box<LoggedIn<S>>),
    /// A one-time code, for an application.
    Code(Zeroizing<String>),
}

/// The parameters of a callback, each at most once.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) state: Option<String>,
    pub(super) code: Option<String>,
    pub(super) error: Option<String>,
    pub(super) iss: Option<String>,
    pub(super) user: Option<String>,
}

impl<'a, S: UserStore> Place<'a, S> {
    pub(crate) fn flow<'f, M: UserManager<Store = S> + ?Sized>(&'f self, op: Op<'f, M>) -> Flow<'f> {
        Flow {
            configured: op.configured,
            provider: self.remote.provider().name(),
            kind: self.kind,
            secure: self.installed.secure,
        }
    }

    pub(super) fn redirect_uri(&self) -> String {
        match self.kind {
            // Nothing redirects to an application that gets its ID token by itself.
            FlowKind::Login | FlowKind::Native => self.installed.redirect_uri(self.remote),
            FlowKind::Link => self.installed.associate_redirect_uri(self.remote),
        }
    }

    /// Begins a flow. Returns the URL, or `None` if a scope is not allowed.
    pub(super) async fn begin<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        wanted: Wanted,
        holder: Option<&Bound>,
    ) -> Result<Option<(String, Started)>, OAuthError> {
        let now = op.engine.now();
        let Wanted { place: _, ending, scopes } = wanted;
        let holder = holder.map(Bound::holder);
        let started = self.flow(op).begin(ending, holder.as_ref(), now)?;
        let request = AuthorizationRequest {
            state: started.state.expose(),
            nonce: &started.nonce,
            challenge: &started.challenge,
            redirect_uri: &self.redirect_uri(),
            scopes: &scopes,
        };
        let url = self.remote.authorization_url(&request, now).await.map_err(|error| self.failed(op, &error))?;
        Ok(url.map(|url| (url, started)))
    }

    /// Finds the flow of a callback. Nothing is written or called yet.
    pub(super) fn resume<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        parameters: &Parameters,
        cookies: impl Fn(&str) -> Vec<String>,
    ) -> Result<Resumed, OAuthError> {
        let state = parameters.state.as_deref().ok_or(OAuthError::ForgedState)?;
        let resumed = self.flow(op).resume(&OAuthStateToken::from(state), cookies, op.engine.now());
        resumed.map_err(OAuthError::from)
    }

    /// Logs in who has come back, or makes the one-time code for their application.
    pub(super) async fn sign_in<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        resumed: &Resumed,
        parameters: &Parameters,
    ) -> Result<Arrived<S>, OAuthError> {
        let identified = self.identify(op, resumed, parameters).await?;
        let (installed, provider, backend) = (self.installed, self.remote.provider(), &resumed.value.backend);
        let Some(challenge) = &resumed.value.challenge else {
            let logged_in = accounts::sign_in(op, installed, provider, identified, backend).await?;
            return Ok(Arrived::Session(Box::new(logged_in)));
        };
        let who = accounts::enter(op, installed, provider, identified).await?;
        handoff::issue(op, &who, challenge, backend).await.map(Arrived::Code)
    }

    /// Links who has come back to the user who has begun.
    pub(super) async fn link<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        resumed: &Resumed,
        parameters: &Parameters,
        principal: &Principal<S>,
    ) -> Result<ManagedUser<M>, OAuthError> {
        if !self.flow(op).is_of(resumed, &Bound::of(principal).holder()) {
            return Err(OAuthError::InvalidState);
        }
        let Identified { claims, tokens } = self.identify(op, resumed, parameters).await?;
        let user = linking::by_user(op, &principal.user().id, &claims).await?;
        tokens::keep(op, &user.id, &claims, tokens).await?;
        Ok(user)
    }

    /// Who has come back. The state is used up before the code is sent anywhere: a code that is sent twice makes good
    /// providers revoke the tokens of its first use.
    async fn identify<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        resumed: &Resumed,
        parameters: &Parameters,
    ) -> Result<Identified, OAuthError> {
        let engine = op.engine;
        if !use_up(op.engine, &resumed.once).await? {
            return Err(OAuthError::InvalidState);
        }
        if let Some(error) = &parameters.error {
            let known = ERRORS.contains(&error.as_str()).then(|| error.clone());
            let rejection = Rejection::new(known.unwrap_or_else(|| "Bad Request".to_owned())).status(400);
            return Err(OAuthError::Denied(rejection));
        }
        let code = parameters.code.as_deref().filter(|code| !code.is_empty()).ok_or(OAuthError::Refused)?;
        let answer = Answer {
            code,
            iss: parameters.iss.as_deref(),
            user: parameters.user.as_deref(),
            nonce: &resumed.nonce,
            verifier: &resumed.verifier,
            redirect_uri: &self.redirect_uri(),
        };
        let identified = self.remote.identify(&answer, engine.email_rules(), engine.now()).await;
        identified.map_err(|error| self.failed(op, &error))
    }

    pub(crate) fn failed<M: UserManager<Store = S> + ?Sized>(
        &self,
        op: Op<'_, M>,
        error: &ProviderError,
    ) -> OAuthError {
        failed(op, self.remote.provider().name(), error)
    }
}

/// The error for the client, who gets a code; the event has the reason.
pub(super) fn failed<M: UserManager + ?Sized>(op: Op<'_, M>, provider: &str, error: &ProviderError) -> OAuthError {
    raise(op.engine, EventKind::OauthFailed, None, Some(format!("{provider}: {error}").into()), op.cx);
    match error {
        ProviderError::Unavailable { retry_after, .. } => OAuthError::Unavailable { retry_after: *retry_after },
        ProviderError::Refused { .. } => OAuthError::Refused,
    }
}

impl From<NoFlow> for OAuthError {
    fn from(why: NoFlow) -> Self {
        match why {
            NoFlow::Forged => Self::ForgedState,
            NoFlow::Expired => Self::ExpiredState,
            NoFlow::Foreign => Self::InvalidState,
        }
    }
}

/// Counts a callback for its network until it has proved to be honest: a guessed code counts, and so does an answer
/// without a code, which anyone can invent and which uses a state up.
pub(crate) async fn counted<M: UserManager + ?Sized, T>(
    op: Op<'_, M>,
    work: impl Future<Output = Result<T, OAuthError>>,
) -> Result<T, OAuthError> {
    let judge = |outcome: &Result<T, OAuthError>| match outcome {
        Ok(_) => Judgement::Succeeded,
        Err(
            OAuthError::ForgedState
            | OAuthError::InvalidState
            | OAuthError::InvalidCode
            | OAuthError::Refused
            | OAuthError::Denied(_),
        ) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    let Op { engine, cx, .. } = op;
    engine.limiter().attempt(&[Subject::Network(cx.ip)], engine.now(), work, judge).await?.0
}

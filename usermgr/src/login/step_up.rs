//! A new proof by a user who is logged in: for a session that proves more or was proved recently, or for one action.

use jiff::Timestamp;

use crate::{
    amr::{Amr, Method},
    audit::EventKind,
    change::{
        password::proves,
        right::{Right, demand_user_of},
    },
    engine::Proof,
    error::{Fault, RightLost},
    hook::raise,
    login::{
        LoggedIn, LoginError,
        establish::{complete, login_backend},
        pending::{Step, begin},
        second_step::prove,
    },
    manager::{ManagedUser, UserManager},
    op::Op,
    session::{Authenticated, Principal},
    store::{Lookup, RecordOf, UserStore},
    token::PendingToken,
    user::Password,
};

/// What a user who is logged in proves again.
///
/// ```
/// use usermgr::{StepUp, engine::Proof, store::CredentialKind};
/// let password = StepUp::new().password("correct horse battery");
/// let both = password.proof(Proof::new(CredentialKind::new("totp"), "123456"));
/// assert!(!format!("{both:?}").contains("123456"));
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct StepUp {
    /// The current password.
    pub password: Option<Password>,
    /// The answer to a second factor.
    pub proof: Option<Proof>,
    /// The token of an earlier [`LoginError::SecondFactorRequired`]. A factor with a challenge, such as a passkey, needs
    /// it.
    pub pending: Option<PendingToken>,
}

impl StepUp {
    /// Proves nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the current password.
    #[must_use]
    pub fn password(self, password: impl Into<Password>) -> Self {
        Self { password: Some(password.into()), ..self }
    }

    /// Sets the answer to a second factor.
    #[must_use]
    pub fn proof(self, proof: Proof) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// Sets the token that the answer belongs to.
    #[must_use]
    pub fn pending(self, token: PendingToken) -> Self {
        Self { pending: Some(token), ..self }
    }
}

/// Replaces a session with one that proves more or was proved just now.
pub(crate) async fn step_up<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    wanted: StepUp,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let Op { manager, engine, configured, cx } = op;
    let backend = login_backend(engine, &principal.session.backend)?;
    let who = prove_again(op, principal, wanted).await?.replacing(principal.session.clone());
    let (username, id) = (who.user().email.to_string(), who.user().id.clone());
    let new = complete(manager, who, backend, &username, cx).await?;
    // The new session is there before the old one ends, so that a failure leaves the user one of them.
    let _changing = engine.cache().changing(&id);
    backend.strategy().end(&engine.strategy_context(backend, configured), principal).await?;
    raise(engine, EventKind::SteppedUp, Some(&id), None, cx);
    Ok(new)
}

/// Proves a user again for one action, without a new session.
pub(crate) async fn confirm<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    wanted: StepUp,
) -> Result<ManagedUser<M>, LoginError> {
    Ok(prove_again(op, principal, wanted).await?.into_user())
}

/// Proves what a login would ask for. The password may be left out by a user who proves a second factor: the session then
/// stays as old as it is.
async fn prove_again<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    StepUp { password, proof, pending }: StepUp,
) -> Result<Authenticated<M::Store>, LoginError> {
    let Op { manager, engine, cx, .. } = op;
    let session = &principal.session;
    demand_user_of(session)?;
    let step = Step::StepUp(&session.id);
    let record = current(op, principal).await?;
    let raised = |who: Authenticated<M::Store>, at: Timestamp| {
        let methods = session.amr.and(who.methods());
        Authenticated::new(who.record().clone(), methods, at)
    };
    let (first, at) = match &password {
        Some(password) if proves::<M>(op, password, &record).await? => (Amr::PASSWORD, None),
        Some(_) => return Err(LoginError::BadCredentials),
        None => (session.amr.without(&Method::MULTI_FACTOR), Some(session.authenticated_at)),
    };
    let token = match pending {
        Some(token) => token,
        None => {
            let who = Authenticated::new(record, first, engine.now());
            match (begin(manager, &who, step, at).await?, &password) {
                (Some(pending), _) if proof.is_some() => pending.token,
                (Some(pending), _) => return Err(LoginError::SecondFactorRequired(pending)),
                (None, Some(_)) => {
                    let now = who.at();
                    return Ok(raised(who, now));
                }
                (None, None) => return Err(LoginError::BadCredentials),
            }
        }
    };
    let proof = proof.ok_or(LoginError::BadSecondFactor)?;
    let who = prove(manager, &token, &proof, step, cx).await?;
    // A password that is given beside an earlier token is as recent as the factor.
    let at = if password.is_some() { engine.now() } else { who.at() };
    Ok(raised(who, at))
}

/// The account, if the session still gives access to it. It may have ended since a guard has read it.
async fn current<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
) -> Result<RecordOf<M::Store>, LoginError> {
    let (engine, id) = (op.engine, &principal.user().id);
    Right::through(&id.to_string(), &principal.session).demand(engine).await?;
    let record = engine.store().find(Lookup::Id(id)).await?;
    let record = record.filter(|record| record.user.is_active && principal.session.is_of(&record.stamp));
    Ok(record.ok_or(Fault::RightLost(RightLost::Session))?)
}

//! Adding a passkey: a challenge that is bound to the user and the session, and the row that the right answer makes.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::part::InstalledPasskeys;
use crate::{
    amr::Method,
    engine::Credentials,
    error::Fault,
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    passkey::{KeptPasskey, PasskeyChallenge, PasskeyUser, note_refusal, transports},
    session::Principal,
    slices::factors::{AddedFactor, FactorError, acting, add as add_factor, may_add},
    span::later,
    store::{CredentialDigest, FactorInfo, NewCredential, Pending, PendingPurpose, SessionId, StoreError},
    token::PasskeyToken,
};

/// The purpose under which a challenge is stored.
const PURPOSE: PendingPurpose = PendingPurpose::new("passkey");
/// The lifetime of a challenge.
const LIFETIME: Duration = Duration::from_secs(600);

/// What has begun to add a passkey, and must end it.
pub(crate) enum Bound<'a> {
    /// A session of the user.
    Session(&'a SessionId),
    /// The token of an invitation, which is a proof of its own at both steps.
    Invitation,
}

impl Bound<'_> {
    /// How it is stored. No session has the name of the other kind.
    fn text(&self) -> String {
        match self {
            Self::Session(id) => id.to_string(),
            Self::Invitation => "an invitation".to_owned(),
        }
    }
}

/// What is stored until the answer comes.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// The session that has begun, or what has begun in its place.
    session: String,
    /// The handle that the new passkey gets.
    handle: String,
    state: String,
}

/// What adding a passkey needs of the engine.
type Parts<'a, M> = (&'a InstalledPasskeys, &'a dyn Credentials<<M as UserManager>::Store>);

fn parts<M: UserManager + ?Sized>(op: Op<'_, M>) -> Result<Parts<'_, M>, FactorError> {
    let engine = op.engine;
    engine.kept::<InstalledPasskeys>().zip(engine.credentials()).ok_or(FactorError::NotInstalled)
}

/// Begins adding a passkey.
pub(crate) async fn begin<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
) -> Result<PasskeyChallenge, FactorError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    parts(op)?;
    let user = may_add(op, &principal.user().id).await?.user;
    challenge(op, &user, &Bound::Session(&principal.session.id)).await
}

/// Makes and keeps the challenge for a new passkey of a user. Passkeys that the user has are excluded.
pub(crate) async fn challenge<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    bound: &Bound<'_>,
) -> Result<PasskeyChallenge, FactorError> {
    let engine = op.engine;
    let (InstalledPasskeys { verifier }, credentials) = parts(op)?;
    let (store, now) = (engine.store(), engine.now());
    let kept = KeptPasskey::all(&credentials.of_user(store, &user.id, now).await?)?;
    let known = kept.iter().map(KeptPasskey::stored).collect::<Result<Vec<_>, _>>()?;
    let handle = match kept.first() {
        Some(kept) => kept.handle.clone(),
        None => {
            let mut random = [0; 16];
            getrandom::fill(&mut random).map_err(Fault::from)?;
            URL_SAFE_NO_PAD.encode(random)
        }
    };
    let bytes = URL_SAFE_NO_PAD.decode(&handle).map_err(StoreError::backend)?;
    let begun = verifier.register(&PasskeyUser::new(&bytes, user.email.as_str()), &known)?;
    let token = PasskeyToken::opaque().map_err(Fault::from)?;
    let waiting = Waiting { session: bound.text(), handle, state: begun.state };
    let data = serde_json::to_string(&waiting).map_err(StoreError::backend)?;
    let digest = CredentialDigest::of(token.expose());
    let pending = Pending::new(digest, PURPOSE, data, later(now, LIFETIME)).user(user.id.clone());
    credentials.put_pending(store, &pending).await?;
    Ok(PasskeyChallenge { options: begun.options, token, expires_in: LIFETIME })
}

/// Adds the passkey of a right answer.
pub(crate) async fn add<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    token: &PasskeyToken,
    answer: &Value,
    label: Option<&str>,
) -> Result<AddedFactor, FactorError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    let user_id = &principal.user().id;
    let begun = Begun::find(op, user_id, &Bound::Session(&principal.session.id), token, label).await?;
    may_add(op, user_id).await?;
    let new = begun.answered(op, user_id, answer).await?;
    add_factor(op, &new, &Method::KEY.into()).await
}

/// A passkey that is being added.
pub(crate) struct Begun {
    digest: CredentialDigest,
    waiting: Waiting,
    label: Option<String>,
}

impl Begun {
    /// Finds what was begun. What can be refused without the answer is refused before the challenge is used up.
    pub(crate) async fn find<M: UserManager + ?Sized>(
        op: Op<'_, M>,
        user_id: &IdOf<M>,
        bound: &Bound<'_>,
        token: &PasskeyToken,
        label: Option<&str>,
    ) -> Result<Self, FactorError> {
        let (_, credentials) = parts(op)?;
        let label = FactorInfo::read_label(label).map_err(|()| FactorError::InvalidLabel)?;
        let digest = CredentialDigest::of(token.expose());
        let found = credentials.find_pending(op.engine.store(), &digest, &PURPOSE, op.engine.now()).await?;
        let waiting = |pending: Pending<IdOf<M>>| {
            let waiting = serde_json::from_str::<Waiting>(&pending.data).ok()?;
            let is_own = pending.user_id.as_ref() == Some(user_id) && waiting.session == bound.text();
            is_own.then_some(waiting)
        };
        let waiting = found.and_then(waiting).ok_or(FactorError::NotPending)?;
        Ok(Self { digest, waiting, label })
    }

    /// Uses the challenge up, and makes the credential of a right answer.
    pub(crate) async fn answered<M: UserManager + ?Sized>(
        self,
        op: Op<'_, M>,
        user_id: &IdOf<M>,
        answer: &Value,
    ) -> Result<NewCredential<IdOf<M>>, FactorError> {
        let engine = op.engine;
        let (InstalledPasskeys { verifier }, credentials) = parts(op)?;
        let (store, now, Waiting { handle, state, .. }) = (engine.store(), engine.now(), self.waiting);
        let kept = KeptPasskey::all(&credentials.of_user(store, user_id, now).await?)?;
        if kept.first().is_some_and(|kept| kept.handle != handle) {
            // Another passkey was added since, under the handle that all passkeys of the user have.
            return Err(FactorError::NotPending);
        }
        credentials.take_pending(store, &self.digest, &PURPOSE, now).await?.ok_or(FactorError::NotPending)?;
        let new = verifier.registered(&state, answer).inspect_err(|refused| note_refusal(*refused));
        let new = new.map_err(|_| FactorError::BadCode)?;
        let mut new = KeptPasskey::new(new, handle, transports(answer)).to_credential(user_id.clone(), now)?;
        new.label = self.label;
        Ok(new)
    }
}

//! A passkey as a second factor, and the judgment of an answer by the row of its passkey.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer::{Named, named},
    kept::{KIND, KeptPasskey},
    verifier::{PasskeyRefused, PasskeyVerifier},
};
use crate::{
    amr::{Amr, Method},
    engine::{Challenge, Factor, FactorContext, Proof},
    error::Fault,
    store::{Credential, CredentialKind, CredentialStore, StoreError, UserStore},
};

/// The row after the use of its passkey, and whether the authenticator has verified its user.
pub(crate) struct Judged<I> {
    pub(crate) row: Credential<I>,
    pub(crate) is_user_verified: bool,
}

/// Logs why an answer was refused. A client does not learn it, but an operator who has configured another origin must.
pub(crate) fn note_refusal(refused: PasskeyRefused) {
    tracing::debug!(target: "usermgr", %refused, "the answer of a passkey is refused");
}

/// Judges the answer of a passkey. Nothing is written.
pub(crate) fn judge<I: Clone>(
    verifier: &dyn PasskeyVerifier,
    state: &str,
    answer: &Value,
    row: &Credential<I>,
    now: Timestamp,
) -> Result<Result<Judged<I>, PasskeyRefused>, Fault> {
    let kept = KeptPasskey::of(row)?;
    let used = match verifier.authenticated(state, answer, &kept.stored()?) {
        Ok(used) => used,
        Err(PasskeyRefused::Unreadable) => return Err(StoreError::backend(PasskeyRefused::Unreadable).into()),
        Err(refused) => {
            note_refusal(refused);
            return Ok(Err(refused));
        }
    };
    let is_user_verified = used.is_user_verified;
    Ok(Ok(Judged { row: kept.used(row, used, now)?, is_user_verified }))
}

/// Whether a passkey is of the user whose handle the authenticator returns. It may return none for a passkey that was
/// named in the options.
pub(crate) fn is_of_user<I>(row: &Credential<I>, handle: Option<&[u8]>, required: bool) -> Result<bool, Fault> {
    let kept = KeptPasskey::of(row)?;
    Ok(handle.map_or(!required, |handle| kept.is_of(handle)))
}

/// Passkeys as a second factor. User verification is not demanded here, since the first step was another factor; the
/// verifier may demand it.
pub(crate) struct PasskeyFactor(Arc<dyn PasskeyVerifier>);

impl PasskeyFactor {
    pub(crate) fn new(verifier: Arc<dyn PasskeyVerifier>) -> Self {
        Self(verifier)
    }
}

#[async_trait]
impl<S: CredentialStore> Factor<S> for PasskeyFactor {
    fn kind(&self) -> CredentialKind {
        KIND
    }

    fn methods(&self) -> Amr {
        Method::KEY.into()
    }

    async fn begin(&self, cx: &FactorContext<'_, S>) -> Result<Option<Challenge>, Fault>
    where
        S: UserStore,
    {
        let kept = KeptPasskey::all(cx.credentials)?;
        let known = kept.iter().map(KeptPasskey::stored).collect::<Result<Vec<_>, _>>()?;
        self.0.authenticate(&known).map(Some)
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        let Some(state) = cx.state else { return Ok(false) };
        let Ok(answer) = serde_json::from_str::<Value>(proof.answer()) else { return Ok(false) };
        let Some(Named { id, handle }) = named(&answer) else { return Ok(false) };
        let lookup = Some(KeptPasskey::lookup(&id));
        let Some(row) = cx.of_kind(&KIND).find(|row| row.lookup == lookup) else { return Ok(false) };
        if !is_of_user(row, handle.as_deref(), false)? {
            return Ok(false);
        }
        match judge(&*self.0, state, &answer, row, cx.now)? {
            Ok(judged) => Ok(cx.store.swap_credential(&judged.row).await?),
            Err(PasskeyRefused::CounterSetBack) => {
                cx.suspect(row);
                Ok(false)
            }
            Err(_) => Ok(false),
        }
    }
}

//! The factor of recovery codes: one credential with the keyed digests of the codes that are left.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::codes::{RecoveryCodes, read};
use crate::{
    amr::{Amr, Method},
    engine::{EngineBuilder, Factor, FactorContext, Proof},
    error::Fault,
    recovery_keys::RecoveryKeys,
    store::{Credential, CredentialKind, CredentialStore, FactorInfo, NewCredential, StoreError, UserStore},
};

/// The kind of the credential.
pub(crate) const RECOVERY: CredentialKind = CredentialKind::new("recovery");

/// Adds recovery codes to an engine, once. Each factor of the library does it.
pub(crate) fn install_recovery<S: CredentialStore>(engine: &mut EngineBuilder<S>) {
    if !engine.has_factor(&RECOVERY) {
        engine.add_factor(Recovery);
    }
}

/// The data of the credential.
#[derive(Serialize, Deserialize)]
struct Kept {
    codes: Vec<String>,
}

impl Kept {
    fn of<I>(credential: &Credential<I>) -> Option<Self> {
        serde_json::from_str(&credential.data).ok()
    }

    fn write(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(StoreError::backend)
    }
}

/// Makes the credential for new codes.
pub(super) fn credential<I: Clone + ToString>(
    user_id: &I,
    codes: &RecoveryCodes,
    keys: &RecoveryKeys,
    now: jiff::Timestamp,
) -> Result<NewCredential<I>, StoreError> {
    let user = user_id.to_string();
    let kept = Kept { codes: codes.iter().map(|code| keys.digest(&user, code)).collect() };
    Ok(NewCredential::new(user_id.clone(), RECOVERY, kept.write()?, now))
}

/// Codes that replace a lost factor, each for one login.
struct Recovery;

#[async_trait]
impl<S: CredentialStore> Factor<S> for Recovery {
    fn kind(&self) -> CredentialKind {
        RECOVERY
    }

    fn methods(&self) -> Amr {
        Method::RECOVERY_CODE.into()
    }

    fn is_backup(&self) -> bool {
        true
    }

    fn describe(&self, credential: &Credential<S::Id>) -> FactorInfo {
        let left = Kept::of(credential).map_or(0, |kept| kept.codes.len());
        let mut info = FactorInfo::of(credential);
        info.codes_left = u32::try_from(left).ok();
        info
    }

    async fn is_enrolled(&self, cx: &FactorContext<'_, S>) -> Result<bool, Fault> {
        Ok(cx.of_kind(&RECOVERY).any(|row| Kept::of(row).is_some_and(|kept| !kept.codes.is_empty())))
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        let Some(code) = read(proof.answer()) else { return Ok(false) };
        let user = cx.user.id.to_string();
        for row in cx.of_kind(&RECOVERY) {
            let Some(mut kept) = Kept::of(row) else { continue };
            let Some(at) = cx.keys.recovery.position(&user, &code, &kept.codes) else { continue };
            kept.codes.remove(at);
            let used = Credential { data: kept.write()?, used_at: Some(cx.now), ..row.clone() };
            return Ok(cx.store.swap_credential(&used).await?);
        }
        Ok(false)
    }
}

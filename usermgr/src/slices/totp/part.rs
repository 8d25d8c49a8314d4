//! The part of an engine, and the factor that judges codes.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::code::Secret;
use crate::{
    amr::{Amr, Method},
    config_error::ConfigError,
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    error::Fault,
    seal::{Place, SealError, SealKeys},
    slices::factors::install_recovery,
    store::{Credential, CredentialKind, CredentialStore, UserStore},
};

/// The kind of the credentials, and the name of the part.
pub(super) const TOTP: CredentialKind = CredentialKind::new(NAME);
pub(super) const NAME: &str = "totp";

/// A part with which users add authenticator apps as second factors: time-based one-time passwords (RFC 6238) with
/// SHA-1, six digits and 30 seconds. It brings recovery codes too.
///
/// A code is accepted once, within its step and the steps beside it. The secrets are sealed with the manager's
/// `data_secret`.
///
/// ```
/// use usermgr::{Engine, MemoryStore, factors::Totp};
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Totp::new("Shop"))?;
/// assert!(engine.has_part("totp"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    issuer: String,
}

impl Totp {
    /// Names the application, as apps show it beside the account. It has 1 to 64 characters, none of them a colon or a
    /// control character.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into() }
    }

    fn fault(&self) -> Option<ConfigError> {
        let Self { issuer } = self;
        let is_good = (1..=64).contains(&issuer.trim().chars().count())
            && !issuer.contains(|character: char| character == ':' || character.is_control());
        let fault = "`Totp`: the issuer must have 1 to 64 characters, without colons and control characters";
        (!is_good).then(|| ConfigError::new(fault))
    }
}

impl<S: CredentialStore> Part<S> for Totp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        if let Some(fault) = self.fault() {
            engine.add_fault(fault);
        }
        engine.add_factor(Codes);
        install_recovery(engine);
        engine.keep(Installed { issuer: self.issuer.trim().to_owned() });
    }
}

/// What the part leaves in the engine.
pub(super) struct Installed {
    pub(super) issuer: String,
}

/// The data of a credential, as it is sealed.
#[derive(Serialize)]
struct Written<'a> {
    secret: &'a str,
    /// The last accepted step.
    step: i64,
}

/// The same, as it is read.
#[derive(Deserialize)]
pub(super) struct Kept {
    secret: Zeroizing<String>,
    step: i64,
}

impl Kept {
    /// Seals the secret of an app with the last accepted step.
    pub(super) fn seal(keys: &SealKeys, place: Place<'_>, secret: &Secret, step: i64) -> Result<String, SealError> {
        let secret = Zeroizing::new(STANDARD.encode(secret.bytes()));
        let plain = serde_json::to_vec(&Written { secret: &secret, step });
        let plain = plain.map(Zeroizing::new).map_err(|_| SealError::Failed)?;
        keys.seal(place, &plain)
    }

    fn open(keys: &SealKeys, place: Place<'_>, data: &str) -> Result<(Secret, i64), SealError> {
        let plain = keys.open(place, data)?;
        let kept: Self = serde_json::from_slice(&plain).map_err(|_| SealError::Forged)?;
        let bytes = STANDARD.decode(kept.secret.as_bytes()).map(Zeroizing::new).map_err(|_| SealError::Forged)?;
        Ok((Secret::from_bytes(&bytes).ok_or(SealError::Forged)?, kept.step))
    }
}

/// The factor.
struct Codes;

#[async_trait]
impl<S: CredentialStore> Factor<S> for Codes {
    fn kind(&self) -> CredentialKind {
        TOTP
    }

    fn methods(&self) -> Amr {
        Method::ONE_TIME_PASSWORD.into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        let (user, keys) = (cx.user.id.to_string(), &cx.keys.seal);
        let mut unreadable = None;
        for row in cx.of_kind(&TOTP) {
            let place = Place { kind: NAME, user: &user, row: row.id.as_str() };
            let (secret, last) = match Kept::open(keys, place, &row.data) {
                Ok(opened) => opened,
                Err(error) => {
                    unreadable = Some(error);
                    continue;
                }
            };
            if let Some(step) = secret.accepts(proof.answer(), cx.now, Some(last)) {
                let data = Kept::seal(keys, place, &secret, step)?;
                let used = Credential { data, used_at: Some(cx.now), ..row.clone() };
                return Ok(cx.store.swap_credential(&used).await?);
            }
        }
        // A key that is gone must not look like a wrong code.
        unreadable.map_or(Ok(false), |error| Err(error.into()))
    }
}

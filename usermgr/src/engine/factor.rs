//! Second factors: further ways to prove an identity at login.

use std::{fmt, sync::OnceLock};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    amr::Amr,
    config_error::ConfigError,
    error::Fault,
    settings::Configured,
    store::{Credential, CredentialKind, FactorInfo, UserOf, UserStore},
};

/// A second factor: an authenticator app, a passkey, recovery codes, or a custom one. A [`Part`](crate::engine::Part)
/// adds it with [`EngineBuilder::add_factor`](crate::engine::EngineBuilder::add_factor); see the example there.
///
/// The login of an enrolled user stops at
/// [`LoginError::SecondFactorRequired`](crate::LoginError::SecondFactorRequired), and continues with
/// [`finish_login`](crate::Operations::finish_login). At most five answers are judged for one pending login. In
/// addition, the wrong answers of a user are limited.
///
/// The bound on the store is on the methods, as in [`Strategy`](crate::session::Strategy).
#[async_trait]
pub trait Factor<S>: Send + Sync + 'static {
    /// Returns the kind of its credentials. A client uses this name to say which factor it answers.
    fn kind(&self) -> CredentialKind;

    /// Returns the methods that a right answer proves. The session gets them in addition to those of the first step. It
    /// also gets `mfa`, unless the first step has already proved all of them.
    fn methods(&self) -> Amr;

    /// Returns whether a user has this factor. Default: whether the user has a credential of its [kind](Self::kind).
    async fn is_enrolled(&self, cx: &FactorContext<'_, S>) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&self.kind()).next().is_some())
    }

    /// Begins a proof if the client needs data for its answer, such as the challenge of a passkey. Default: no data.
    async fn begin(&self, cx: &FactorContext<'_, S>) -> Result<Option<Challenge>, Fault>
    where
        S: UserStore,
    {
        let _ = cx;
        Ok(None)
    }

    /// Returns whether it only replaces a lost factor, as recovery codes do. It is offered only to users who have another
    /// factor too, and is removed with their last one. Default: `false`.
    fn is_backup(&self) -> bool {
        false
    }

    /// Describes a credential of its [kind](Self::kind) for its user. Default: [`FactorInfo::of`].
    fn describe(&self, credential: &Credential<S::Id>) -> FactorInfo
    where
        S: UserStore,
    {
        FactorInfo::of(credential)
    }

    /// Judges an answer and uses it up: of several equal concurrent answers only one is right. For a credential, do
    /// this with one [swap](crate::store::CredentialStore::swap_credential); if it returns `false`, the answer is
    /// wrong.
    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore;

    /// Checks the factor's own settings. Called by [`build`](crate::engine::EngineBuilder::build).
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}

/// The data that a factor works with.
#[non_exhaustive]
pub struct FactorContext<'a, S: UserStore> {
    /// The store.
    pub store: &'a S,
    /// The user who logs in.
    pub user: &'a UserOf<S>,
    /// The user's unexpired credentials of every kind, oldest first.
    pub credentials: &'a [Credential<S::Id>],
    /// The current time of the engine's clock.
    pub now: Timestamp,
    /// The state that [`begin`](Factor::begin) has left for the answer.
    pub state: Option<&'a str>,
    /// The keys of the manager's settings.
    #[cfg_attr(
        not(any(feature = "passkeys", feature = "totp")),
        allow(dead_code, reason = "only the factors of the library use it")
    )]
    pub(crate) keys: &'a Configured,
    /// A credential that seems to have been copied.
    suspected: OnceLock<FactorInfo>,
}

impl<'a, S: UserStore> FactorContext<'a, S> {
    pub(crate) fn new(
        store: &'a S,
        user: &'a UserOf<S>,
        credentials: &'a [Credential<S::Id>],
        now: Timestamp,
        state: Option<&'a str>,
        keys: &'a Configured,
    ) -> Self {
        Self { store, user, credentials, now, state, keys, suspected: OnceLock::new() }
    }

    /// Reports that a credential seems to have been copied, such as a passkey whose counter was set back. If
    /// [`prove`](Factor::prove) then returns `false`, the event `passkey_suspected` is raised, and
    /// [`on_after_suspicious_passkey`](crate::UserManager::on_after_suspicious_passkey) is called.
    pub fn suspect(&self, credential: &Credential<S::Id>) {
        // One is enough.
        let _ = self.suspected.set(FactorInfo::of(credential));
    }

    pub(crate) fn suspected(&self) -> Option<&FactorInfo> {
        self.suspected.get()
    }

    /// Returns the user's credentials of a kind.
    pub fn of_kind(&self, kind: &CredentialKind) -> impl Iterator<Item = &'a Credential<S::Id>> {
        self.credentials.iter().filter(move |credential| credential.kind == *kind)
    }
}

/// The data that a client needs for its answer, and the state that the server keeps until then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// The data for the client.
    pub options: serde_json::Value,
    /// The state for the server, passed back as [`FactorContext::state`]. It is stored unencrypted, so it must not be a
    /// secret.
    pub state: String,
}

impl Challenge {
    /// Makes a challenge.
    pub fn new(options: serde_json::Value, state: impl Into<String>) -> Self {
        Self { options, state: state.into() }
    }
}

/// An answer to a second factor. It is wiped when dropped, and its [`Debug`] output does not show it.
///
/// ```
/// use usermgr::{store::CredentialKind, engine::Proof};
/// let proof = Proof::new(CredentialKind::new("shop:badge"), "0815");
/// assert_eq!(proof.answer(), "0815");
/// assert!(!format!("{proof:?}").contains("0815"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Proof {
    /// The factor that it answers.
    pub kind: CredentialKind,
    answer: Zeroizing<String>,
}

impl Proof {
    /// Makes an answer: a code, or the JSON of a passkey.
    pub fn new(kind: CredentialKind, answer: impl Into<String>) -> Self {
        Self { kind, answer: Zeroizing::new(answer.into()) }
    }

    /// Returns the answer.
    pub fn answer(&self) -> &str {
        &self.answer
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("kind", &self.kind).finish_non_exhaustive()
    }
}

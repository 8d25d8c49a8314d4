//! Second factors: what a login asks of a further way to prove who one is.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    amr::Amr,
    config_error::ConfigError,
    error::Fault,
    store::{Credential, CredentialKind, UserOf, UserStore},
};

/// A second factor: an authenticator app, a passkey, recovery codes, or something of the application's own. A [`Part`](crate::engine::Part)
/// adds it by [`EngineBuilder::add_factor`](crate::engine::EngineBuilder::add_factor), where there is an example.
///
/// A login of a user who is enrolled stops at [`LoginError::SecondFactorRequired`](crate::LoginError::SecondFactorRequired), and goes on
/// by [`finish_login`](crate::Operations::finish_login). Of each pending login at most five answers are judged, and wrong answers of a
/// user are limited beside that.
///
/// The bound on the store stands on the methods, as with a [`Strategy`](crate::session::Strategy).
#[async_trait]
pub trait Factor<S>: Send + Sync + 'static {
    /// The kind of its credentials. By this name a client says which factor it answers with.
    fn kind(&self) -> CredentialKind;

    /// The methods that a right answer proves; the session gets them beside those of the first step, and `mfa` with them, unless the
    /// first step has proved all of them already.
    fn methods(&self) -> Amr;

    /// Whether a user has this factor. By default: whether any credential of theirs is of its [kind](Self::kind).
    async fn is_enrolled(&self, cx: &FactorContext<'_, S>) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&self.kind()).next().is_some())
    }

    /// Begins a proof, where the client needs something for its answer, such as the challenge of a passkey. By default it needs nothing.
    async fn begin(&self, cx: &FactorContext<'_, S>) -> Result<Option<Challenge>, Fault>
    where
        S: UserStore,
    {
        let _ = cx;
        Ok(None)
    }

    /// Judges an answer, and uses it up: of several equal answers at once one is right. For a credential that is done by one
    /// [swap](crate::store::CredentialStore::swap_credential), whose `false` is a wrong answer.
    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore;

    /// Checks the factor's own settings, before anything is served.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}

/// What a factor works with.
#[non_exhaustive]
pub struct FactorContext<'a, S: UserStore> {
    /// The store.
    pub store: &'a S,
    /// Whose login it is.
    pub user: &'a UserOf<S>,
    /// The user's credentials that have not expired, of every kind, the oldest first.
    pub credentials: &'a [Credential<S::Id>],
    /// Now, by the engine's clock.
    pub now: Timestamp,
    /// What [`begin`](Factor::begin) has left for the answer.
    pub state: Option<&'a str>,
}

impl<'a, S: UserStore> FactorContext<'a, S> {
    /// The user's credentials of a kind.
    pub fn of_kind(&self, kind: &CredentialKind) -> impl Iterator<Item = &'a Credential<S::Id>> {
        self.credentials.iter().filter(move |credential| credential.kind == *kind)
    }
}

/// What a client needs for its answer, and what the server keeps until the answer comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// For the client.
    pub options: serde_json::Value,
    /// For the server: the factor gets it back as [`FactorContext::state`]. It is stored as it is, so that it must not be a secret.
    pub state: String,
}

impl Challenge {
    /// A challenge.
    pub fn new(options: serde_json::Value, state: impl Into<String>) -> Self {
        Self { options, state: state.into() }
    }
}

/// An answer to a second factor. It is wiped when dropped, and [`Debug`] does not show it.
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
    /// Which factor it is for.
    pub kind: CredentialKind,
    answer: Zeroizing<String>,
}

impl Proof {
    /// An answer: a code, or the JSON of a passkey.
    pub fn new(kind: CredentialKind, answer: impl Into<String>) -> Self {
        Self { kind, answer: Zeroizing::new(answer.into()) }
    }

    /// The answer.
    pub fn answer(&self) -> &str {
        &self.answer
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("kind", &self.kind).finish_non_exhaustive()
    }
}

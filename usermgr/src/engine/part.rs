//! Parts of an engine: a further way to prove an identity, or another optional capability.

#[cfg(feature = "oauth-bare")]
use super::deleted::OnDeleted;
use super::{Engine, EngineBuilder, credentials::Kept, factor::Factor};
use crate::{
    api_key::Keyring,
    config_error::ConfigError,
    store::{CredentialKind, CredentialStore, UserStore},
};

/// The name of what an engine with a second factor has. The routes of the second step need it.
pub(crate) const FACTORS: &str = "factors";
/// The name of the part with which administrators act as users.
pub(crate) const IMPERSONATION: &str = "impersonation";

/// A part of an engine, added with [`Engine::with`] or [`EngineBuilder::with`]. Its requirements on the store are a
/// bound on the implementation, so the compiler checks them once, at that call. Everything behind it is dynamic:
/// operations and routes need no further bound.
///
/// ```
/// use usermgr::{session::{Amr, Method}, store::{CredentialKind, CredentialStore}, Engine, engine::{EngineBuilder, Factor, FactorContext, Part, Proof}, Fault, MemoryStore, UserStore};
///
/// /// The number on the badge of an employee, as a second factor.
/// struct Badges;
///
/// impl<S: CredentialStore> Part<S> for Badges {
///     fn name(&self) -> &'static str {
///         "shop:badge"
///     }
///
///     fn install(self, engine: &mut EngineBuilder<S>) {
///         engine.add_factor(self);
///     }
/// }
///
/// #[async_trait::async_trait]
/// impl<S> Factor<S> for Badges {
///     fn kind(&self) -> CredentialKind {
///         CredentialKind::new("shop:badge")
///     }
///
///     fn methods(&self) -> Amr {
///         Method::new("shop:badge").into()
///     }
///
///     async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
///     where
///         S: UserStore,
///     {
///         Ok(cx.of_kind(&proof.kind).any(|badge| badge.data == proof.answer()))
///     }
/// }
///
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Badges)?;
/// assert!(engine.has_part("shop:badge"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub trait Part<S> {
    /// Returns the name of the part, unique in an engine. Names without a colon are reserved for the library. An
    /// application uses its own prefix, as in `shop:badge`.
    fn name(&self) -> &'static str;

    /// Installs the part into the engine. Report errors to [`EngineBuilder::add_fault`].
    fn install(self, engine: &mut EngineBuilder<S>);
}

impl<S: UserStore> Engine<S> {
    /// Adds a part to the engine.
    ///
    /// # Errors
    /// The errors of the part, such as a name that another part of the engine has.
    pub fn with(self, part: impl Part<S>) -> Result<Self, ConfigError> {
        EngineBuilder::of(self).with(part).build()
    }

    /// Returns whether the engine has the part of this name.
    pub fn has_part(&self, name: &str) -> bool {
        self.parts.contains(&name)
    }
}

impl<S: UserStore> EngineBuilder<S> {
    /// Adds a part. [`build`](Self::build) refuses two parts of the same name.
    pub fn with(mut self, part: impl Part<S>) -> Self {
        let name = part.name();
        if self.engine.has_part(name) {
            self.add_fault(ConfigError::new(format!("the part `{name}` is added twice: remove one of the two")));
        }
        self.engine.parts.push(name);
        part.install(&mut self);
        self
    }
}

/// Methods for the installation of a [`Part`].
impl<S> EngineBuilder<S> {
    /// Adds an error of a part, which [`build`](Self::build) returns.
    pub fn add_fault(&mut self, fault: ConfigError) {
        self.part_faults.push(fault);
    }

    /// Makes the engine maintain the credentials in the store: expired ones are purged, and pending steps end with the
    /// user's stamp. Each part that keeps credentials calls it. [`add_factor`](Self::add_factor) calls it too.
    pub fn keep_credentials(&mut self)
    where
        S: CredentialStore,
    {
        self.engine.credentials = Some(Box::new(Kept));
    }

    /// Makes the engine accept API keys, and end them with the account.
    pub(crate) fn set_keyring(&mut self, keyring: Keyring)
    where
        S: CredentialStore,
    {
        self.keep_credentials();
        self.engine.keyring = Some(keyring);
    }

    /// Keeps a value for the slice of a part. The engine does not know its type.
    pub(crate) fn keep<T: Send + Sync + 'static>(&mut self, value: T) {
        self.engine.kept.insert(value);
    }

    /// Sets whether a user is notified that an administrator acts as them.
    pub(crate) fn send_impersonations(&mut self, wanted: bool) {
        self.engine.messages.sends_impersonations = wanted;
    }

    /// Lets the part learn which credentials a change has deleted.
    #[cfg(feature = "oauth-bare")]
    pub(crate) fn on_deleted(&mut self, part: impl OnDeleted<S> + 'static) {
        self.engine.on_deleted = Some(Box::new(part));
    }

    /// Adds a second factor. [`build`](Self::build) refuses two factors of the same [kind](Factor::kind).
    pub fn add_factor(&mut self, factor: impl Factor<S>)
    where
        S: CredentialStore,
    {
        self.keep_credentials();
        if !self.engine.has_part(FACTORS) {
            self.engine.parts.push(FACTORS);
        }
        self.engine.factors.push(Box::new(factor));
    }

    /// Returns whether a factor of this kind was added.
    #[cfg_attr(
        not(any(feature = "passkeys", feature = "totp")),
        allow(dead_code, reason = "only the factors of the library use it")
    )]
    pub(crate) fn has_factor(&self, kind: &CredentialKind) -> bool
    where
        S: UserStore,
    {
        self.engine.factors.iter().any(|factor| factor.kind() == *kind)
    }
}

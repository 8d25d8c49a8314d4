//! Parts of an engine: a further way to prove who one is, or anything else that not every application has.

use super::{Engine, EngineBuilder, credentials::Kept, factor::Factor};
use crate::{
    config_error::ConfigError,
    store::{CredentialStore, UserStore},
};

/// A part of an engine, given to [`Engine::with`] or [`EngineBuilder::with`]. What it demands of the store stands as a bound on the
/// implementation, so that the compiler checks it at that call, once. Everything behind it is dynamic: operations and routes need no
/// further bound.
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
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Badges);
/// assert!(engine.has_part("shop:badge"));
/// ```
pub trait Part<S> {
    /// The name of the part, one of a kind in an engine. Names without a colon are the library's; an application puts its own name in
    /// front.
    fn name(&self) -> &'static str;

    /// Puts the part into the engine. What is wrong with it goes to [`EngineBuilder::add_fault`].
    fn install(self, engine: &mut EngineBuilder<S>);
}

impl<S: UserStore> Engine<S> {
    /// The same engine with a part more. What is wrong with the part is told by [`check`](crate::Operations::check).
    #[must_use]
    pub fn with(self, part: impl Part<S>) -> Self {
        EngineBuilder(self).with(part).build()
    }

    /// Whether the engine has the part of this name.
    pub fn has_part(&self, name: &str) -> bool {
        self.parts.contains(&name)
    }
}

impl<S: UserStore> EngineBuilder<S> {
    /// Adds a part. Two of one name are refused by [`check`](crate::Operations::check).
    pub fn with(mut self, part: impl Part<S>) -> Self {
        let name = part.name();
        if self.0.has_part(name) {
            self.add_fault(ConfigError::new(format!("the part `{name}` is given twice")));
        }
        self.0.parts.push(name);
        part.install(&mut self);
        self
    }
}

/// What a [`Part`] does to an engine.
impl<S> EngineBuilder<S> {
    /// Notes what is wrong with a part, for [`check`](crate::Operations::check).
    pub fn add_fault(&mut self, fault: ConfigError) {
        self.0.part_faults.push(fault);
    }

    /// Lets the engine look after the credentials in the store: what has expired is purged, and what is under way ends with the user's
    /// stamp. Each part that keeps credentials asks for it; a factor does by itself.
    pub fn keep_credentials(&mut self)
    where
        S: CredentialStore,
    {
        self.0.credentials = Some(Box::new(Kept));
    }

    /// Adds a second factor. Two of one [kind](Factor::kind) are refused by [`check`](crate::Operations::check).
    pub fn add_factor(&mut self, factor: impl Factor<S>)
    where
        S: CredentialStore,
    {
        self.keep_credentials();
        self.0.factors.push(Box::new(factor));
    }
}

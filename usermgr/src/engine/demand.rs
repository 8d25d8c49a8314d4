//! Who must have a second factor.

#[cfg(feature = "http")]
use super::Engine;
use super::{EngineBuilder, Part};
#[cfg(feature = "http")]
use crate::store::UserOf;
use crate::store::UserStore;

/// A part that demands a second factor of superusers or of everybody.
///
/// A user who must have one and has proved none gets sessions that only read the own account, add a first factor, step
/// up and log out. Everything else responds with 403 `SECOND_FACTOR_SETUP_REQUIRED`. As soon as the first factor is
/// added, the session is an ordinary one. The engine must have a factor, such as
/// [`Totp`](crate::factors::Totp).
///
/// The guards of the extractors and of the routes enforce it. [`Operations`](crate::Operations) do not, because they act
/// for the application.
///
/// ```
/// use usermgr::{engine::Demand, Engine, MemoryStore};
/// let alone = Engine::<MemoryStore>::new(MemoryStore::new()).with(Demand::superusers());
/// assert!(alone.unwrap_err().to_string().contains("but the engine has none"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    everybody: bool,
}

impl Demand {
    /// Demands a second factor of superusers.
    pub const fn superusers() -> Self {
        Self { everybody: false }
    }

    /// Demands a second factor of every user.
    pub const fn everybody() -> Self {
        Self { everybody: true }
    }
}

impl<S: UserStore> Part<S> for Demand {
    fn name(&self) -> &'static str {
        "demand"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.engine.demand = Some(self);
    }
}

#[cfg(feature = "http")]
impl<S: UserStore> Engine<S> {
    /// Whether some users must have a second factor.
    #[cfg(feature = "openapi")]
    pub(crate) fn demands_factor_of_some(&self) -> bool {
        self.demand.is_some()
    }

    /// Whether this user must have a second factor.
    pub(crate) fn demands_factor(&self, user: &UserOf<S>) -> bool {
        self.demand.is_some_and(|Demand { everybody }| everybody || user.is_superuser)
    }
}

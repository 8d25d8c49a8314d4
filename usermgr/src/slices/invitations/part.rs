//! The part of the engine, with its one setting.

use std::time::Duration;

use crate::{
    config_error::ConfigError,
    engine::{Engine, EngineBuilder, Part},
    error::Fault,
    manager::UserManager,
    store::{CredentialStore, UserStore},
};

/// The name of the part.
pub(crate) const NAME: &str = "invitations";

/// The default lifetime: seven days.
const USUAL: Duration = Duration::from_secs(7 * 86_400);
/// The longest lifetime: 30 days.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// Invitations, as a part of the engine: superusers, or an application on behalf of its users, invite an address, and its
/// owner gets an account by accepting. The store must keep [credentials](CredentialStore). The guide has a
/// [page](crate::guide::invitations).
///
/// It mails through the engine's messenger, such as [`Mails`](crate::mail::Mails), or through the hook
/// [`on_after_invite`](UserManager::on_after_invite). Without both, [`check`](crate::Operations::check) fails. To let
/// no one in without an invitation, close the registration with
/// [`closed_registration`](EngineBuilder::closed_registration).
///
/// ```
/// use usermgr::prelude::*;
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {
///     async fn on_after_invite(&self, user: &User, token: &InvitationToken) {
///         println!("to {}: https://shop.example/accept#{}", user.email, token.expose());
///     }
/// }
///
/// let engine = Engine::builder(MemoryStore::new())
///     .backend(Backend::bearer("bearer", Database::new()))
///     .closed_registration(true)
///     .with(Invitations::new())
///     .build()?;
/// let accounts = Accounts { engine };
/// accounts.check()?;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Invitations {
    pub(super) lifetime: Duration,
}

impl Invitations {
    /// Creates the part. An invitation can be accepted for seven days.
    pub fn new() -> Self {
        Self { lifetime: USUAL }
    }

    /// Sets how long an invitation can be accepted after it was sent, in whole seconds. Default: seven days. Maximum: 30
    /// days.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime }
    }

    /// The part of an engine.
    ///
    /// # Errors
    /// [`Fault::Config`] if the engine does not have it.
    pub(super) fn of<S: UserStore>(engine: &Engine<S>) -> Result<&Self, Fault> {
        let missing = || ConfigError::new("the engine has no invitations: add the part `Invitations`");
        Ok(engine.kept::<Self>().ok_or_else(missing)?)
    }
}

impl Default for Invitations {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: CredentialStore> Part<S> for Invitations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        if !(1..=LONGEST.as_secs()).contains(&self.lifetime.as_secs()) {
            let longest = LONGEST.as_secs();
            engine
                .add_fault(ConfigError::new(format!("`Invitations`: `lifetime` must be from 1 to {longest} seconds")));
        }
        engine.keep_credentials();
        engine.keep(self);
    }
}

/// What does not fit the manager: no one would send the mails.
pub(crate) fn faults<M: UserManager + ?Sized>(manager: &M) -> Option<ConfigError> {
    let engine = manager.engine_ref();
    let mails = engine.has_messenger() || manager.mails_invitations();
    let why =
        "`Invitations` mails nothing: add a messenger, such as the part `Mails`, or write the hook `on_after_invite`";
    (engine.has_part(NAME) && !mails).then(|| ConfigError::new(why))
}

//! The part of the engine, with its settings and what is wrong with them.

use std::time::Duration;

use crate::{
    config_error::ConfigError,
    engine::{Engine, EngineBuilder, Part},
    error::Fault,
    manager::UserManager,
    store::{CredentialStore, UserStore},
    user::User,
};

/// The name of the part.
pub(crate) const NAME: &str = "mail_login";

/// The longest lifetime of a link, which is the default too.
const LINK: Duration = Duration::from_secs(900);
/// The longest lifetime of a code, which is the default too (ASVS 5.0, 6.5.5; NIST SP 800-63B-4, 3.1.3.2).
const CODE: Duration = Duration::from_secs(600);

/// Login by mail, as a part of the engine: a user who asks for it gets a mail with a link and a code of eight digits, and
/// logs in with one of them. The store must keep [credentials](CredentialStore). The guide has a
/// [page](crate::guide::mail_login).
///
/// It mails through the engine's messenger, such as [`Mails`](crate::mail::Mails), or through the hook
/// [`on_after_request_login`](UserManager::on_after_request_login). Without both, [`check`](crate::Operations::check) fails.
///
/// ```
/// use usermgr::prelude::*;
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {
///     async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {
///         if let Some(link) = &mail.link_token {
///             println!("to {}: https://shop.example/login#{}", user.email, link.expose());
///         }
///     }
/// }
///
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()).with(MailLogin::new())? };
/// accounts.check()?;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct MailLogin {
    pub(super) links: bool,
    pub(super) codes: bool,
    superusers: bool,
    pub(super) link_lifetime: Duration,
    pub(super) code_lifetime: Duration,
}

impl MailLogin {
    /// Makes the part: links for 15 minutes, codes for ten, and no mails to superusers.
    pub fn new() -> Self {
        Self { links: true, codes: true, superusers: false, link_lifetime: LINK, code_lifetime: CODE }
    }

    /// Sends links and no codes.
    pub fn links_only(self) -> Self {
        Self { links: true, codes: false, ..self }
    }

    /// Sends codes and no links. A code cannot be used by a program that opens the links of mails, and a person can type it
    /// on another device.
    pub fn codes_only(self) -> Self {
        Self { links: false, codes: true, ..self }
    }

    /// Sets whether superusers with a verified address can log in by mail too. Default: `false`, because a mailbox is then
    /// all that protects the accounts of everybody. A superuser whose address was never verified cannot in any case.
    pub fn superusers(self, allowed: bool) -> Self {
        Self { superusers: allowed, ..self }
    }

    /// Sets how long a link works after it was requested, in whole seconds. Default and maximum: 15 minutes.
    pub fn link_lifetime(self, lifetime: Duration) -> Self {
        Self { link_lifetime: lifetime, ..self }
    }

    /// Sets how long a code works after it was requested, in whole seconds. Default and maximum: ten minutes.
    pub fn code_lifetime(self, lifetime: Duration) -> Self {
        Self { code_lifetime: lifetime, ..self }
    }

    /// How long everything in a mail works.
    pub(super) fn shortest(&self) -> Duration {
        self.lifetimes().min().unwrap_or_default()
    }

    /// How long something in a mail works.
    pub(super) fn longest(&self) -> Duration {
        self.lifetimes().max().unwrap_or_default()
    }

    fn lifetimes(&self) -> impl Iterator<Item = Duration> {
        let sent = [(self.links, self.link_lifetime), (self.codes, self.code_lifetime)];
        sent.into_iter().filter_map(|(is_sent, lifetime)| is_sent.then_some(lifetime))
    }

    /// Whether a user can log in by mail.
    pub(super) fn admits<P, I>(&self, user: &User<P, I>) -> bool {
        user.is_active && !user.is_service_account() && (!user.is_superuser || self.superusers && user.is_verified)
    }

    /// The part of an engine.
    ///
    /// # Errors
    /// [`Fault::Config`] if the engine does not have it.
    pub(super) fn of<S: UserStore>(engine: &Engine<S>) -> Result<&Self, Fault> {
        let missing = || ConfigError::new("the engine has no login by mail: add the part `MailLogin`");
        Ok(engine.kept::<Self>().ok_or_else(missing)?)
    }
}

impl Default for MailLogin {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: CredentialStore> Part<S> for MailLogin {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        let lifetimes = [("link_lifetime", self.link_lifetime, LINK), ("code_lifetime", self.code_lifetime, CODE)];
        for (name, lifetime, longest) in lifetimes {
            if !(1..=longest.as_secs()).contains(&lifetime.as_secs()) {
                let longest = longest.as_secs();
                engine
                    .add_fault(ConfigError::new(format!("`MailLogin`: `{name}` must be from 1 to {longest} seconds")));
            }
        }
        engine.keep_credentials();
        engine.keep(self);
    }
}

/// Whether the mails of an engine have codes.
#[cfg(feature = "pages")]
pub(crate) fn sends_codes<S: UserStore>(engine: &Engine<S>) -> bool {
    engine.kept::<MailLogin>().is_some_and(|part| part.codes)
}

/// What does not fit the manager: no one would send the mails.
pub(crate) fn faults<M: UserManager + ?Sized>(manager: &M) -> Vec<ConfigError> {
    let engine = manager.engine_ref();
    let mails = engine.has_messenger() || manager.mails_logins();
    let is_silent = engine.has_part(NAME) && !mails;
    let why = "`MailLogin` mails nothing: add a messenger, such as the part `Mails`, or write the hook `on_after_request_login`";
    is_silent.then(|| ConfigError::new(why)).into_iter().collect()
}

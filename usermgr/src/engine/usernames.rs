//! User names, as a part of the engine: their rules, and whether a registration needs one.

use std::ops::RangeInclusive;

use super::{Answers, Engine, EngineBuilder, Part};
use crate::{
    config_error::ConfigError,
    error::Fault,
    store::UserStore,
    user::{InvalidUsername, Username, UsernameRules},
};

/// The name of the part.
pub(crate) const USERNAMES: &str = "usernames";

/// User names, as a part of the engine: a second identifier beside the address, which is public and which users choose. The
/// guide has a [page](crate::guide::user_names).
///
/// - A registration and `PATCH /users/me` take the field `username`, and answers show it.
/// - A login takes the name in place of the address. A text with an `@` is an address.
///
/// The store must keep names, as the built-in ones do: a store that does not know
/// [`Lookup::Username`](crate::store::Lookup::Username) refuses each login by a name. The conformance kit has a group of
/// rules for it.
///
/// ```
/// use usermgr::{Engine, MemoryStore, engine::Usernames};
///
/// let names = Usernames::new().length(3..=20).reserved(["shop", "cart"]).required();
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(names)?;
/// let rules = engine.usernames().map(Usernames::rules);
/// assert!(rules.is_some_and(|rules| rules.parse("ada").is_ok() && rules.parse("cart").is_err()));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Usernames {
    rules: UsernameRules,
    is_required: bool,
}

impl Usernames {
    /// Makes the part with the default [`UsernameRules`]. Names are optional.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many characters a name may have. Default: 3 to 32. The bounds are 1 and 64.
    pub fn length(self, characters: RangeInclusive<usize>) -> Self {
        Self { rules: self.rules.length(characters), ..self }
    }

    /// Reserves more names, see [`UsernameRules::reserved`].
    pub fn reserved(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self { rules: self.rules.reserved(names), ..self }
    }

    /// Requires a name at each registration with a password. Accounts that exist, that the application creates or that come
    /// from a provider may have none. [`build`](EngineBuilder::build) refuses it with [discreet answers](Answers::Discreet),
    /// because a name that a registration takes would reveal whether the address was free.
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Returns the rules for new names.
    pub fn rules(&self) -> &UsernameRules {
        &self.rules
    }

    /// Returns whether a registration needs a name.
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// Returns the part of an engine.
    ///
    /// # Errors
    /// [`Fault::Config`] if the engine does not have it.
    pub(crate) fn of<S: UserStore>(engine: &Engine<S>) -> Result<&Self, Fault> {
        let missing = || ConfigError::new("the engine has no user names: add the part `Usernames`");
        Ok(engine.usernames().ok_or_else(missing)?)
    }
}

impl<S> Part<S> for Usernames {
    fn name(&self) -> &'static str {
        USERNAMES
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        if !self.rules.are_sound() {
            engine.add_fault(ConfigError::new("`Usernames`: `length` must be a range within 1 to 64 characters"));
        }
        engine.engine.usernames = Some(self);
    }
}

impl<S: UserStore> Engine<S> {
    /// Returns the part for user names, if the engine has it.
    pub fn usernames(&self) -> Option<&Usernames> {
        self.usernames.as_ref()
    }

    /// Returns whether a registration takes a user name. With discreet answers it does not: whether the name is taken
    /// afterwards would reveal whether the address was free.
    pub(crate) fn registers_usernames(&self) -> bool {
        self.usernames.is_some() && self.answers() == Answers::Explicit
    }

    /// Judges the user name of a registration.
    pub(crate) fn registered_username<E>(&self, typed: Option<&str>) -> Result<Option<Username>, E>
    where
        E: From<InvalidUsername> + From<Fault>,
    {
        let Some(text) = typed else {
            let is_missing = self.usernames.as_ref().is_some_and(Usernames::is_required);
            return if is_missing { Err(InvalidUsername::REQUIRED.into()) } else { Ok(None) };
        };
        let part = Usernames::of(self)?;
        match self.registers_usernames() {
            true => Ok(Some(part.rules.parse(text)?)),
            false => Err(InvalidUsername::AFTER_LOGIN.into()),
        }
    }

    /// Judges a new user name of an account. The current one is not a new one.
    ///
    /// - `may_be_reserved`: whether a superuser or the application itself gives it.
    pub(crate) fn new_username<E>(
        &self,
        text: &str,
        current: Option<&Username>,
        may_be_reserved: bool,
    ) -> Result<Username, E>
    where
        E: From<InvalidUsername> + From<Fault>,
    {
        let rules = &Usernames::of(self)?.rules;
        if let Some(current) = current.filter(|current| current.as_str() == text.trim()) {
            return Ok(current.clone());
        }
        Ok(if may_be_reserved { rules.parse_reserved(text)? } else { rules.parse(text)? })
    }
}

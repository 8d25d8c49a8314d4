//! The settings of a manager, as the attribute writes them, and what becomes of them once: keys, audiences and lifetimes.

use std::time::Duration;

use crate::{
    config_error::ConfigError,
    limit::PairKey,
    seal::SealKeys,
    secret::{SecretError, SecretSet},
    token::{Access, ChangeEmail, Keys, Purpose, RefreshKeys, Reset, Verify},
};

/// The longest lifetime in seconds, about 136 years, so that no expiry overflows.
pub(crate) const MAX_LIFETIME: u64 = u32::MAX as u64;

/// The fault of a lifetime that is longer than that, under the name of its setting.
pub(crate) fn too_long(setting: &str, lifetime: Duration) -> Option<ConfigError> {
    (lifetime.as_secs() > MAX_LIFETIME)
        .then(|| ConfigError::new(format!("`{setting}` is larger than the maximum of {MAX_LIFETIME} seconds")))
}

/// The settings of a manager. `#[user_manager(..)]` writes them; nobody else needs to.
///
/// ```
/// use usermgr::{Secret, Settings};
/// let settings = Settings::new().reset_secret(Secret::env("RESET_SECRET").into()).verify_audience("shop:verify".into());
/// # let _ = settings;
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    secret: Option<SecretSet>,
    data: Option<SecretSet>,
    reset: PurposeSettings,
    verify: PurposeSettings,
    change_email: PurposeSettings,
}

#[derive(Clone, Debug)]
struct PurposeSettings {
    secret: Option<SecretSet>,
    audience: String,
    lifetime: Duration,
}

impl PurposeSettings {
    fn default_for<P: Purpose>() -> Self {
        Self { secret: None, audience: format!("usermgr:{}", P::NAME), lifetime: Duration::from_secs(3600) }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident($($field:ident).+ = $type:ty) $($wrap:ident)?;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $setter(mut self, value: $type) -> Self {
            self.$($field).+ = $($wrap)?(value);
            self
        }
    )*};
}

impl Settings {
    /// The defaults: no secret, audiences `usermgr:reset`, `usermgr:verify` and `usermgr:change_email`, lifetimes of one hour.
    pub fn new() -> Self {
        Self {
            secret: None,
            data: None,
            reset: PurposeSettings::default_for::<Reset>(),
            verify: PurposeSettings::default_for::<Verify>(),
            change_email: PurposeSettings::default_for::<ChangeEmail>(),
        }
    }

    setters! {
        /// The root secret, from which the keys of all purposes are derived. Default: `reset_secret`.
        secret(secret = SecretSet) Some;
        /// The secret for reset tokens. Default: the root secret.
        reset_secret(reset.secret = SecretSet) Some;
        /// The secret for verification tokens. Default: the root secret.
        verify_secret(verify.secret = SecretSet) Some;
        /// The secret that seals what rows must hold and nobody else may read. Default: the root secret.
        data_secret(data = SecretSet) Some;
        /// The audience of reset tokens.
        reset_audience(reset.audience = String);
        /// The audience of verification tokens.
        verify_audience(verify.audience = String);
        /// The audience of tokens that change an address.
        change_email_audience(change_email.audience = String);
        /// How long a reset token lives, in whole seconds.
        reset_lifetime(reset.lifetime = Duration);
        /// How long a verification token lives, in whole seconds.
        verify_lifetime(verify.lifetime = Duration);
        /// How long a token that changes an address lives, in whole seconds.
        change_email_lifetime(change_email.lifetime = Duration);
    }

    pub(crate) fn resolve(&self) -> Result<Configured, ConfigError> {
        let Self { secret, data, reset, verify, change_email } = self;
        let Some((setting, root)) = secret
            .as_ref()
            .map(|set| ("secret", set))
            .or_else(|| reset.secret.as_ref().map(|set| ("reset_secret", set)))
        else {
            return Err(ConfigError::new("neither `secret` nor `reset_secret` is set"));
        };
        let root = Checked { setting, set: root };
        let access = root.derive::<Access>();
        let refresh = root.checked(RefreshKeys::derive);
        let pairs = root.checked(PairKey::derive);
        let data = data.as_ref().map_or(root, |set| Checked { setting: "data_secret", set });
        let seal = data.checked(SealKeys::derive);
        let reset = Issuer::resolve::<Reset>(reset, &root);
        let verify = Issuer::resolve::<Verify>(verify, &root);
        let change_email = Issuer::resolve::<ChangeEmail>(change_email, &root);
        match (access, refresh, pairs, seal, reset, verify, change_email) {
            (Ok(access), Ok(refresh), Ok(pairs), Ok(seal), Ok(reset), Ok(verify), Ok(change_email)) => {
                Configured { access, refresh, pairs, seal, reset, verify, change_email }.with_distinct_audiences()
            }
            (access, refresh, pairs, seal, reset, verify, change_email) => {
                let faults = [
                    access.err(),
                    refresh.err(),
                    pairs.err(),
                    seal.err(),
                    reset.err(),
                    verify.err(),
                    change_email.err(),
                ];
                Err(ConfigError::join(faults.into_iter().flatten()))
            }
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// The settings, ready for use. They are evaluated once in the life of an engine.
pub(crate) struct Configured {
    pub(crate) access: Keys,
    pub(crate) refresh: RefreshKeys,
    /// For the digests of networks that are known to an account.
    pub(crate) pairs: PairKey,
    /// For what rows hold that must be read back.
    pub(crate) seal: SealKeys,
    pub(crate) reset: Issuer,
    pub(crate) verify: Issuer,
    pub(crate) change_email: Issuer,
}

impl Configured {
    fn with_distinct_audiences(self) -> Result<Self, ConfigError> {
        let audiences =
            [(&self.reset, Reset::NAME), (&self.verify, Verify::NAME), (&self.change_email, ChangeEmail::NAME)];
        for (at, (issuer, purpose)) in audiences.iter().enumerate() {
            if let Some((_, twin)) = audiences[..at].iter().find(|(twin, _)| twin.audience == issuer.audience) {
                let fault = format!("`{twin}_audience` and `{purpose}_audience` are both `{}`", issuer.audience);
                return Err(ConfigError::new(fault));
            }
        }
        Ok(self)
    }
}

/// What the tokens of one purpose are made with.
pub(crate) struct Issuer {
    pub(crate) keys: Keys,
    pub(crate) audience: String,
    pub(crate) lifetime: Duration,
}

impl Issuer {
    fn resolve<P: Purpose>(settings: &PurposeSettings, root: &Checked<'_>) -> Result<Self, ConfigError> {
        let PurposeSettings { secret, audience, lifetime } = settings;
        let purpose = P::NAME;
        if audience.is_empty() {
            return Err(ConfigError::new(format!("`{purpose}_audience` must not be empty")));
        }
        if lifetime.as_secs() == 0 {
            return Err(ConfigError::new(format!("`{purpose}_lifetime` must be at least one second")));
        }
        if let Some(fault) = too_long(&format!("{purpose}_lifetime"), *lifetime) {
            return Err(fault);
        }
        let keys = match secret {
            Some(set) => Checked { setting: &format!("{purpose}_secret"), set }.derive::<P>(),
            None => root.derive::<P>(),
        };
        Ok(Self { keys: keys?, audience: audience.clone(), lifetime: *lifetime })
    }
}

/// A secret with the name of its setting, so that a fault of it is told under that name.
#[derive(Clone, Copy)]
struct Checked<'a> {
    setting: &'a str,
    set: &'a SecretSet,
}

impl Checked<'_> {
    fn derive<P: Purpose>(&self) -> Result<Keys, ConfigError> {
        self.checked(|set| Keys::derive::<P>(set, P::TYP))
    }

    fn checked<T>(&self, derive: impl FnOnce(&SecretSet) -> Result<T, SecretError>) -> Result<T, ConfigError> {
        derive(self.set).map_err(|error| ConfigError::new(format!("`{}`: {error}", self.setting)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn fault(settings: Settings) -> String {
        settings.resolve().err().unwrap().to_string()
    }

    #[test]
    fn j3_one_fault_of_the_root_is_told_once_and_never_shown() {
        let text = fault(Settings::new().reset_secret(Secret::new("canary").into()));
        assert_eq!(text, "the user manager is not set up: `reset_secret`: it is 6 bytes long, but must be at least 32");
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = fault(
            Settings::new()
                .secret(Secret::env("A_VARIABLE_NOBODY_SETS").into())
                .verify_audience(String::new())
                .reset_lifetime(Duration::ZERO),
        );
        for part in [
            "`secret`: the environment variable A_VARIABLE_NOBODY_SETS is not set",
            "`verify_audience`",
            "`reset_lifetime`",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn the_data_secret_is_judged_under_its_own_name() {
        let settings = Settings::new().secret(Secret::new("0123456789abcdef0123456789abcdef").into());
        let text = fault(settings.data_secret(Secret::new("canary").into()));
        assert_eq!(text, "the user manager is not set up: `data_secret`: it is 6 bytes long, but must be at least 32");
    }

    #[test]
    fn a_lifetime_has_a_maximum() {
        let settings = |seconds| {
            let secret = Secret::new("0123456789abcdef0123456789abcdef");
            Settings::new().secret(secret.into()).verify_lifetime(Duration::from_secs(seconds))
        };
        assert!(settings(MAX_LIFETIME).resolve().is_ok());
        let text = fault(settings(MAX_LIFETIME + 1));
        assert!(text.contains("`verify_lifetime` is larger than the maximum of 4294967295 seconds"), "{text}");
    }

    #[test]
    fn t6_two_purposes_do_not_share_an_audience() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef");
        let text = fault(Settings::new().secret(secret.into()).verify_audience("usermgr:reset".into()));
        assert!(text.contains("are both `usermgr:reset`"), "{text}");
    }
}

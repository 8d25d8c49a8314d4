//! The settings of a manager, as the attribute writes them, and their evaluation: keys, audiences and lifetimes.

use std::time::Duration;

#[cfg(feature = "oauth-bare")]
use crate::token::FlowKeys;
use crate::{
    config_error::ConfigError,
    limits::PairKey,
    realm::Realm,
    recovery_keys::RecoveryKeys,
    seal::SealKeys,
    secret::{SecretError, SecretSet},
    token::{Access, CodeKeys, Issued, Issuer, Keys, PerPurpose, PurposeSpec, RefreshKeys, Terms, sealed::Sealed},
};

/// The longest lifetime in seconds, about 136 years, so that no expiry overflows.
pub(crate) const MAX_LIFETIME: u64 = u32::MAX as u64;

/// Returns the fault of a lifetime that is longer than that, with the name of its setting.
pub(crate) fn too_long(setting: &str, lifetime: Duration) -> Option<ConfigError> {
    longer_than(MAX_LIFETIME, setting, lifetime)
}

fn longer_than(longest: u64, setting: &str, lifetime: Duration) -> Option<ConfigError> {
    (lifetime.as_secs() > longest)
        .then(|| ConfigError::new(format!("`{setting}` is larger than the maximum of {longest} seconds")))
}

/// The purposes whose audience no setting changes, and what has it.
const FIXED_AUDIENCES: [(&str, &str); 3] =
    [("mail_login", "login links"), ("invitation", "invitations"), ("passkey", "passkeys")];

/// Names the audience of a purpose, by its setting if it has one.
fn audience_of(purpose: &str) -> String {
    match FIXED_AUDIENCES.iter().find(|(fixed, _)| *fixed == purpose) {
        Some((_, bearers)) => format!("the audience of {bearers}"),
        None => format!("`{purpose}_audience`"),
    }
}

/// The settings of a manager. `#[user_manager(..)]` writes them. Other code rarely needs this type.
///
/// ```
/// use usermgr::{Secret, settings::Settings};
/// let settings = Settings::new().reset_secret(Secret::env("RESET_SECRET").into()).verify_audience("shop:verify".into());
/// # let _ = settings;
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    secret: Option<SecretSet>,
    data: Option<SecretSet>,
    purposes: PerPurpose<PurposeSettings>,
}

#[derive(Clone, Debug)]
struct PurposeSettings {
    secret: Option<SecretSet>,
    audience: String,
    lifetime: Duration,
}

impl PurposeSettings {
    fn default_for(PurposeSpec { name, lifetime, .. }: PurposeSpec) -> Self {
        Self { secret: None, audience: format!("usermgr:{name}"), lifetime }
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
    /// Creates the default settings: no secret, the audiences `usermgr:reset`, `usermgr:verify`,
    /// `usermgr:change_email`, `usermgr:mail_login`, `usermgr:invitation` and `usermgr:oauth`, and lifetimes of one hour, for a sign-in through a
    /// provider of ten minutes.
    pub fn new() -> Self {
        Self { secret: None, data: None, purposes: PerPurpose::new(PurposeSettings::default_for) }
    }

    setters! {
        /// Sets the root secret, from which the keys of all purposes are derived. Default: `reset_secret`.
        secret(secret = SecretSet) Some;
        /// Sets the secret for reset tokens. Default: the root secret.
        reset_secret(purposes.reset.secret = SecretSet) Some;
        /// Sets the secret for verification tokens. Default: the root secret.
        verify_secret(purposes.verify.secret = SecretSet) Some;
        /// Sets the secret for sign-ins through other providers. Default: the root secret.
        oauth_secret(purposes.oauth.secret = SecretSet) Some;
        /// Sets the secret that seals confidential data in rows. Default: the root secret.
        data_secret(data = SecretSet) Some;
        /// Sets the audience of reset tokens. Default: `usermgr:reset`.
        reset_audience(purposes.reset.audience = String);
        /// Sets the audience of verification tokens. Default: `usermgr:verify`.
        verify_audience(purposes.verify.audience = String);
        /// Sets the audience of tokens that change an address. Default: `usermgr:change_email`.
        change_email_audience(purposes.change_email.audience = String);
        /// Sets the audience of the state of a sign-in through another provider. Default: `usermgr:oauth`.
        oauth_audience(purposes.oauth.audience = String);
        /// Sets the lifetime of a reset token, in whole seconds. Default: one hour.
        reset_lifetime(purposes.reset.lifetime = Duration);
        /// Sets the lifetime of a verification token, in whole seconds. Default: one hour.
        verify_lifetime(purposes.verify.lifetime = Duration);
        /// Sets the lifetime of a token that changes an address, in whole seconds. Default: one hour.
        change_email_lifetime(purposes.change_email.lifetime = Duration);
        /// Sets how long a sign-in through another provider may take, in whole seconds, at most ten minutes. Default: ten
        /// minutes.
        oauth_lifetime(purposes.oauth.lifetime = Duration);
    }

    /// Evaluates the settings for a realm.
    pub(crate) fn resolve(&self, realm: &Realm) -> Result<Configured, ConfigError> {
        let evaluated = match realm.name() {
            None => self.evaluated(),
            Some(name) => self.in_realm(name).evaluated(),
        };
        match realm.fault() {
            None => evaluated,
            Some(fault) => Err(ConfigError::join([fault].into_iter().chain(evaluated.err()))),
        }
    }

    /// Returns the settings with the secrets of a realm.
    fn in_realm(&self, realm: &str) -> Self {
        let inside = |set: &Option<SecretSet>| set.as_ref().map(|set| set.in_realm(realm));
        let purposes =
            |_, purpose: &PurposeSettings| PurposeSettings { secret: inside(&purpose.secret), ..purpose.clone() };
        Self { secret: inside(&self.secret), data: inside(&self.data), purposes: self.purposes.map(purposes) }
    }

    fn evaluated(&self) -> Result<Configured, ConfigError> {
        let Self { secret, data, purposes } = self;
        let Some((setting, root)) = secret
            .as_ref()
            .map(|set| ("secret", set))
            .or_else(|| purposes.reset.secret.as_ref().map(|set| ("reset_secret", set)))
        else {
            return Err(ConfigError::new("neither `secret` nor `reset_secret` is set"));
        };
        let root = Checked { setting, set: root };
        let access = root.checked(|set| Keys::derive::<Access>(set, Access::TYP));
        let refresh = root.checked(RefreshKeys::derive);
        let pairs = root.checked(PairKey::derive);
        let codes = root.checked(CodeKeys::derive);
        let data = data.as_ref().map_or(root, |set| Checked { setting: "data_secret", set });
        let seal = data.checked(SealKeys::derive);
        let recovery = data.checked(RecoveryKeys::derive);
        #[cfg(feature = "oauth-bare")]
        let flow = {
            let own = purposes.oauth.secret.as_ref();
            own.map_or(root, |set| Checked { setting: "oauth_secret", set }).checked(FlowKeys::derive)
        };
        #[cfg(not(feature = "oauth-bare"))]
        let flow = Ok::<(), ConfigError>(());
        let issuers = purposes.map(|purpose, settings| terms(purpose, settings, &root)).transposed();
        match (access, refresh, pairs, codes, seal, recovery, flow, issuers) {
            (Ok(access), Ok(refresh), Ok(pairs), Ok(codes), Ok(seal), Ok(recovery), Ok(flow), Ok(issuers)) => {
                #[cfg(not(feature = "oauth-bare"))]
                let () = flow;
                Configured {
                    access,
                    refresh,
                    pairs,
                    codes,
                    seal,
                    recovery,
                    #[cfg(feature = "oauth-bare")]
                    flow,
                    issuers,
                }
                .with_distinct_audiences()
            }
            (access, refresh, pairs, codes, seal, recovery, flow, issuers) => {
                let faults =
                    [access.err(), refresh.err(), pairs.err(), codes.err(), seal.err(), recovery.err(), flow.err()];
                let faults = faults.into_iter().flatten();
                Err(ConfigError::join(faults.chain(issuers.err().into_iter().flatten())))
            }
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// The evaluated settings. They are evaluated once, and again at each reload of the secrets.
pub(crate) struct Configured {
    pub(crate) access: Keys,
    pub(crate) refresh: RefreshKeys,
    /// The key for the digests of networks that an account knows.
    pub(crate) pairs: PairKey,
    /// The keys for the codes of logins by mail.
    pub(crate) codes: CodeKeys,
    /// The keys for sealed data in rows.
    pub(crate) seal: SealKeys,
    /// The keys for digests of recovery codes.
    pub(crate) recovery: RecoveryKeys,
    /// The keys for sign-ins through other providers.
    #[cfg(feature = "oauth-bare")]
    pub(crate) flow: FlowKeys,
    issuers: PerPurpose<Terms>,
}

impl Configured {
    /// Returns the issuer of the tokens of a purpose.
    pub(crate) fn issuer<P: Issued>(&self) -> Issuer<'_, P> {
        Issuer::new(&self.issuers)
    }

    fn with_distinct_audiences(self) -> Result<Self, ConfigError> {
        let all = self.issuers.all();
        for (at, (purpose, terms)) in all.iter().enumerate() {
            if let Some((twin, _)) = all[..at].iter().find(|(_, twin)| twin.audience == terms.audience) {
                let (twin, purpose) = (audience_of(twin), audience_of(purpose));
                return Err(ConfigError::new(format!("{twin} and {purpose} are both `{}`", terms.audience)));
            }
        }
        Ok(self)
    }
}

fn terms(purpose: PurposeSpec, settings: &PurposeSettings, root: &Checked<'_>) -> Result<Terms, ConfigError> {
    let PurposeSettings { secret, audience, lifetime } = settings;
    let name = purpose.name;
    if audience.is_empty() {
        return Err(ConfigError::new(format!("`{name}_audience` must not be empty")));
    }
    if lifetime.as_secs() == 0 {
        return Err(ConfigError::new(format!("`{name}_lifetime` must be at least one second")));
    }
    if let Some(fault) = longer_than(purpose.longest.unwrap_or(MAX_LIFETIME), &format!("{name}_lifetime"), *lifetime) {
        return Err(fault);
    }
    let keys = match secret {
        Some(set) => Checked { setting: &format!("{name}_secret"), set }.checked(purpose.derive),
        None => root.checked(purpose.derive),
    };
    Ok(Terms { keys: keys?, audience: audience.clone(), lifetime: *lifetime })
}

/// A secret with the name of its setting, so that a fault is reported under that name.
#[derive(Clone, Copy)]
struct Checked<'a> {
    setting: &'a str,
    set: &'a SecretSet,
}

impl Checked<'_> {
    fn checked<T>(&self, derive: impl FnOnce(&SecretSet) -> Result<T, SecretError>) -> Result<T, ConfigError> {
        derive(self.set).map_err(|error| ConfigError::new(format!("`{}`: {error}", self.setting)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        seal::Place,
        secret::Secret,
        token::{Verify, VerifyClaims},
    };

    fn fault(settings: Settings) -> String {
        settings.resolve(&Realm::default()).err().unwrap().to_string()
    }

    #[test]
    fn j3_one_fault_of_the_root_is_reported_once_and_never_shown() {
        let text = fault(Settings::new().reset_secret(Secret::new("canary").into()));
        assert_eq!(text, "the user manager is not set up: `reset_secret`: it is 6 bytes long, but must be at least 32");
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let text = fault(
            Settings::new()
                .secret(Secret::env("A_VARIABLE_NOT_DEFINED").into())
                .verify_audience(String::new())
                .reset_lifetime(Duration::ZERO),
        );
        for part in [
            "`secret`: the environment variable A_VARIABLE_NOT_DEFINED is not set",
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
        assert!(settings(MAX_LIFETIME).resolve(&Realm::default()).is_ok());
        let text = fault(settings(MAX_LIFETIME + 1));
        assert!(text.contains("`verify_lifetime` is larger than the maximum of 4294967295 seconds"), "{text}");
    }

    /// What is signed, sealed or digested under one secret in these realms.
    fn derived(realm: Option<&str>) -> Configured {
        let settings = Settings::new().secret(Secret::new("0123456789abcdef0123456789abcdef").into());
        let data = Secret::new("fedcba9876543210fedcba9876543210");
        settings.data_secret(data.into()).resolve(&Realm::of(realm)).unwrap()
    }

    #[test]
    fn ku4_nothing_that_is_derived_from_a_secret_is_good_in_another_realm() {
        let place = Place { kind: "totp", user: "7", row: "one" };
        let (claims, now) = (["a claim"], jiff::Timestamp::UNIX_EPOCH);
        let token = crate::token::RefreshToken::random().unwrap();
        let realms = [None, Some("staff"), Some("customers")];
        for own in realms {
            let keys = derived(own);
            let (signed, sealed) = (keys.access.sign(&claims).unwrap(), keys.seal.seal(place, b"canary").unwrap());
            let (code, child) = (keys.recovery.digest("7", "code"), keys.refresh.child(&token));
            let mail = VerifyClaims::issue("7".into(), "usermgr:verify", Duration::from_secs(60), now, "a@b.c".into());
            let mail = keys.issuer::<Verify>().issue(&mail.unwrap()).unwrap();
            for other in realms {
                let (keys, is_own) = (derived(other), own == other);
                assert_eq!(keys.access.open::<[String; 1]>(&signed).is_some(), is_own, "{own:?} {other:?}");
                assert_eq!(keys.seal.open(place, &sealed).is_ok(), is_own, "{own:?} {other:?}");
                let digests = std::slice::from_ref(&code);
                assert_eq!(keys.recovery.position("7", "code", digests).is_some(), is_own, "{own:?} {other:?}");
                assert_eq!(keys.refresh.child(&token).expose() == child.expose(), is_own, "{own:?} {other:?}");
                assert_eq!(keys.issuer::<Verify>().open(&mail, now).is_some(), is_own, "{own:?} {other:?}");
            }
        }
    }

    /// An application with one kind of user has the keys that it had before there were realms.
    #[test]
    fn ku4_without_a_realm_the_keys_are_those_of_the_secret() {
        let own = Keys::derive::<Access>(&Secret::new("0123456789abcdef0123456789abcdef").into(), Access::TYP).unwrap();
        assert!(derived(None).access.open::<[u8; 1]>(&own.sign(&[7]).unwrap()).is_some());
    }

    #[test]
    fn ku4_the_fault_of_a_secret_is_the_same_in_a_realm() {
        let settings = Settings::new().secret(Secret::new("canary").into());
        let text = settings.resolve(&Realm::of(Some("staff"))).err().unwrap().to_string();
        assert_eq!(text, "the user manager is not set up: `secret`: it is 6 bytes long, but must be at least 32");
    }

    #[test]
    fn t6_two_purposes_do_not_share_an_audience() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef");
        let text = fault(Settings::new().secret(secret.into()).verify_audience("usermgr:reset".into()));
        assert!(text.contains("`reset_audience` and `verify_audience` are both `usermgr:reset`"), "{text}");
    }

    /// What `check` refuses is refused by the compiler, if it knows the value.
    #[test]
    fn a_constant_is_refused_as_check_refuses_it() {
        use crate::__private::check;
        let settings = || Settings::new().secret(Secret::new("0123456789abcdef0123456789abcdef").into());
        for (purpose, bearers) in FIXED_AUDIENCES {
            let fixed = format!("usermgr:{purpose}");
            let text = fault(settings().verify_audience(fixed.clone()));
            assert!(
                text.contains(&format!("`verify_audience` and the audience of {bearers} are both `{fixed}`")),
                "{text}"
            );
            assert!(std::panic::catch_unwind(|| check::audience("verify_audience", &fixed)).is_err(), "{fixed}");
        }
        let longest = <crate::token::OAuthState as Issued>::LIFETIME.1.unwrap();
        check::lifetime("oauth_lifetime", longest);
        check::lifetime("verify_lifetime", MAX_LIFETIME);
        let text = fault(settings().oauth_lifetime(Duration::from_secs(longest + 1)));
        assert!(text.contains(&format!("`oauth_lifetime` is larger than the maximum of {longest} seconds")), "{text}");
        for (setting, longest) in [("oauth_lifetime", longest), ("verify_lifetime", MAX_LIFETIME)] {
            assert!(std::panic::catch_unwind(|| check::lifetime(setting, longest + 1)).is_err(), "{setting}");
        }
    }
}

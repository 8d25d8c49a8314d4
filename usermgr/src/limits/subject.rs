//! The subjects of counting: what is counted, under which key, and against which limit.

use std::{net::IpAddr, time::Duration};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{CounterKey, Limit, Limits};
use crate::{
    network,
    secret::{SecretError, SecretSet},
};

/// The limit for all clients without a known address together. It must slow down an attacker without locking out
/// everybody.
const UNKNOWN_NETWORK: Limit = Limit::new(1_000)
    .first_delay(Duration::from_secs(1))
    .longest_delay(Duration::from_secs(1))
    .forget_after(Duration::from_secs(60));

/// The key of the digests of pairs of account and network. Without a key, a list of addresses and networks would reveal
/// the pairs.
pub(crate) struct PairKey(Zeroizing<[u8; 32]>);

impl PairKey {
    /// Derives the key from the current secret by HKDF-SHA256 (RFC 5869). If the secret is replaced, all known
    /// networks are forgotten.
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(b"usermgr"), secrets.current.bytes()?)
            .expand(b"key:networks", key.as_mut_slice())
            .map_err(|_| SecretError::Derivation)?;
        Ok(Self(key))
    }

    /// Returns the pair of an account, by its canonical address, and the network of the client.
    pub(crate) fn pair<'a>(&'a self, account: &'a str, ip: Option<IpAddr>) -> Pair<'a> {
        Pair { key: self, account, ip }
    }
}

/// An account and the network of the client.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    key: &'a PairKey,
    pub(super) account: &'a str,
    pub(super) ip: Option<IpAddr>,
}

impl Pair<'_> {
    pub(super) fn digest(self, kind: &str) -> CounterKey {
        let network = self.ip.map(network::name).unwrap_or_default();
        // Extraction alone is HMAC-SHA256 of the text under the key (RFC 5869, 2.2).
        let (digest, _) = Hkdf::<Sha256>::extract(
            Some(self.key.0.as_slice()),
            format!("{kind}\0{network}\0{}", self.account).as_bytes(),
        );
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        CounterKey(key)
    }
}

macro_rules! limits {
    ($($kind:ident: $field:ident, $setter:literal;)*) => {
        /// The limits. One that refuses is counted under the name of its setter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum LimitKind {
            $($kind,)*
        }

        impl LimitKind {
            /// The names of the setters, in the order of the enum.
            pub(super) const NAMES: [&str; [$($setter),*].len()] = [$($setter),*];

            fn of(self, limits: &Limits) -> Limit {
                match self {
                    $(Self::$kind => limits.$field,)*
                }
            }
        }
    };
}

limits! {
    Pair: pair, "wrong_passwords_per_account_and_network";
    Account: account, "wrong_passwords_per_account";
    Network: network, "wrong_secrets_per_network";
    ProofsFrom: proofs_from, "right_passwords_per_network";
    ProofsOf: proofs_of, "right_passwords_per_account";
    Registrations: registrations, "registrations_per_network";
    MailsTo: mails_to, "mails_per_address";
    ResetsTo: resets_to, "resets_per_address";
    MailsFrom: mails_from, "mails_per_network";
}

/// The kinds of mail that anyone may request. Each has a separate limit, so that one kind does not use up the limit of
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// The mail of a registration: to the new user, or to the owner of a taken address.
    Registration,
    Verify,
    EmailChange,
    Invitation,
}

/// The subject for which an attempt is counted.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// A login to an account from one network, whether or not the account exists.
    Pair(Pair<'a>),
    /// A login to the account with this canonical address, from all networks that it does not know.
    Account(&'a str),
    /// A login to an account from a network that it knows. Strangers in other networks cannot use up this limit.
    Known(Pair<'a>),
    /// The current password of a user who is logged in. It is separate, so that strangers cannot use up the user's
    /// attempts.
    Reauthentication(&'a str),
    /// A second factor of a user whose first step was correct.
    SecondFactor(&'a str),
    /// A second factor of a user who is logged in. It is separate, so that a stranger who knows the password cannot use up
    /// the user's attempts.
    StepUp(&'a str),
    /// A secret from a network.
    Network(Option<IpAddr>),
    /// A correct password from a network, because it costs a hash too.
    ProofsFrom(Option<IpAddr>),
    /// A correct password for an account.
    ProofsOf(&'a str),
    /// A registration from a network.
    Registration(Option<IpAddr>),
    /// A mail to a canonical address.
    MailTo(MailKind, &'a str),
    /// A mail that a network requests.
    MailFrom(Option<IpAddr>),
    /// A mail with a reset token of this lifetime to one address that one network requests. No delay is longer than half
    /// the lifetime, so a user whose request is refused has a valid token in the mailbox.
    ResetPair(Pair<'a>, Duration),
    /// A mail with a reset token of this lifetime, to a canonical address. The delay is limited as before.
    ResetTo(&'a str, Duration),
    /// A mail for a login that works for this time to one address that one network requests. The delay is limited as for a
    /// reset.
    LoginMailPair(Pair<'a>, Duration),
    /// A mail for a login that works for this time, to a canonical address. The delay is limited as for a reset.
    LoginMailTo(&'a str, Duration),
}

impl Subject<'_> {
    pub(super) fn key_and_limit(self, limits: &Limits) -> (CounterKey, Limit) {
        let limit = self.limit_kind().of(limits);
        let account = |kind, text| (CounterKey::new(kind, text), limit);
        let mailed = |key, lifetime: Duration| (key, limit.delayed_at_most(lifetime / 2));
        let network = |kind, ip: Option<IpAddr>| match ip {
            Some(ip) => (CounterKey::new(kind, &network::name(ip)), limit),
            None => (CounterKey::new(kind, ""), UNKNOWN_NETWORK),
        };
        match self {
            Self::Pair(pair) => (pair.digest("pair"), limit),
            Self::Account(text) => account("account", text),
            Self::Known(pair) => (pair.digest("known"), limit),
            Self::Reauthentication(text) => account("reauthentication", text),
            Self::SecondFactor(text) => account("second factor", text),
            Self::StepUp(text) => account("step up", text),
            Self::ProofsOf(text) => account("proofs", text),
            Self::MailTo(MailKind::Registration, text) => account("registration mail", text),
            Self::MailTo(MailKind::Verify, text) => account("mail", text),
            Self::MailTo(MailKind::EmailChange, text) => account("change mail", text),
            Self::MailTo(MailKind::Invitation, text) => account("invitation mail", text),
            Self::Network(ip) => network("network", ip),
            Self::ProofsFrom(ip) => network("proofs from", ip),
            Self::Registration(ip) => network("registration", ip),
            Self::MailFrom(ip) => network("mail from", ip),
            Self::ResetPair(pair, lifetime) => mailed(pair.digest("reset"), lifetime),
            Self::LoginMailPair(pair, lifetime) => mailed(pair.digest("login mail"), lifetime),
            Self::LoginMailTo(text, lifetime) => mailed(CounterKey::new("login mail", text), lifetime),
            Self::ResetTo(text, lifetime) => mailed(CounterKey::new("reset mail", text), lifetime),
        }
    }

    /// Returns which limit it is counted against.
    pub(super) fn limit_kind(self) -> LimitKind {
        match self {
            Self::Pair(_) | Self::Reauthentication(_) | Self::SecondFactor(_) | Self::StepUp(_) => LimitKind::Pair,
            Self::Account(_) | Self::Known(_) => LimitKind::Account,
            Self::Network(_) => LimitKind::Network,
            Self::ProofsFrom(_) => LimitKind::ProofsFrom,
            Self::ProofsOf(_) => LimitKind::ProofsOf,
            Self::Registration(_) => LimitKind::Registrations,
            Self::MailTo(..) | Self::ResetPair(..) | Self::LoginMailPair(..) => LimitKind::MailsTo,
            Self::ResetTo(..) | Self::LoginMailTo(..) => LimitKind::ResetsTo,
            Self::MailFrom(_) => LimitKind::MailsFrom,
        }
    }

    /// Returns what a success does to the count.
    pub(super) fn after_success(self) -> AfterSuccess {
        match self {
            Self::Pair(_) | Self::Known(_) | Self::Reauthentication(_) | Self::SecondFactor(_) | Self::StepUp(_) => {
                AfterSuccess::Forgotten
            }
            Self::ProofsFrom(_) | Self::ProofsOf(_) => AfterSuccess::Counted,
            _ => AfterSuccess::TakenBack,
        }
    }

    /// Returns whether failures lock a login.
    pub(super) fn locks(self) -> bool {
        matches!(self, Self::Pair(_) | Self::Account(_) | Self::Known(_) | Self::Reauthentication(_))
    }
}

/// The effect of a success on a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterSuccess {
    /// This attempt is taken back.
    TakenBack,
    /// This attempt and all failures before it are forgotten.
    Forgotten,
    /// This attempt stays counted.
    Counted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn key(secret: &str) -> PairKey {
        PairKey::derive(&SecretSet::from(Secret::new(secret))).unwrap()
    }

    #[test]
    fn l14_the_digest_of_an_account_and_a_network_needs_the_secret_and_is_another_for_each() {
        let [one, two] = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"].map(key);
        let ip = |text: &str| text.parse().ok();
        let pair = one.pair("ada@example.com", ip("192.0.2.1")).digest("network");
        assert_eq!(one.pair("ada@example.com", ip("::ffff:192.0.2.1")).digest("network"), pair);
        for other in [
            two.pair("ada@example.com", ip("192.0.2.1")).digest("network"),
            one.pair("ada@example.com", ip("192.0.2.1")).digest("pair"),
            one.pair("ada@example.com", ip("192.0.2.2")).digest("network"),
            one.pair("ada@example.com", None).digest("network"),
            one.pair("bob@example.com", ip("192.0.2.1")).digest("network"),
        ] {
            assert_ne!(other, pair);
        }
    }
}

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

/// The limits, by the names of their setters. One that refuses is counted under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitName {
    Pair,
    Account,
    Network,
    ProofsFrom,
    ProofsOf,
    Registrations,
    MailsTo,
    ResetsTo,
    MailsFrom,
}

impl LimitName {
    /// In the order of the enum.
    pub(super) const NAMES: [&str; 9] = [
        "wrong_passwords_per_account_and_network",
        "wrong_passwords_per_account",
        "wrong_secrets_per_network",
        "right_passwords_per_network",
        "right_passwords_per_account",
        "registrations_per_network",
        "mails_per_address",
        "resets_per_address",
        "mails_per_network",
    ];
}

/// The kinds of mail that anyone may request. Each has a separate limit, so that one kind does not use up the limit of
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// The mail of a registration: to the new user, or to the owner of a taken address.
    Registration,
    Verify,
    EmailChange,
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
    /// A mail with a reset token to one address that one network requests.
    ResetPair(Pair<'a>),
    /// A mail with a reset token of this lifetime, to a canonical address. No delay is longer than half the lifetime,
    /// so a user whose request is refused has a valid token in the mailbox.
    ResetTo(&'a str, Duration),
}

impl Subject<'_> {
    pub(super) fn key_and_limit(self, limits: &Limits) -> (CounterKey, Limit) {
        let account = |kind, text| CounterKey::new(kind, text);
        let network = |kind, ip: Option<IpAddr>, limit| match ip {
            Some(ip) => (CounterKey::new(kind, &network::name(ip)), limit),
            None => (CounterKey::new(kind, ""), UNKNOWN_NETWORK),
        };
        match self {
            Self::Pair(pair) => (pair.digest("pair"), limits.pair),
            Self::Account(text) => (account("account", text), limits.account),
            Self::Known(pair) => (pair.digest("known"), limits.account),
            Self::Reauthentication(text) => (account("reauthentication", text), limits.pair),
            Self::SecondFactor(text) => (account("second factor", text), limits.pair),
            Self::ProofsOf(text) => (account("proofs", text), limits.proofs_of),
            Self::MailTo(MailKind::Registration, text) => (account("registration mail", text), limits.mails_to),
            Self::MailTo(MailKind::Verify, text) => (account("mail", text), limits.mails_to),
            Self::MailTo(MailKind::EmailChange, text) => (account("change mail", text), limits.mails_to),
            Self::Network(ip) => network("network", ip, limits.network),
            Self::ProofsFrom(ip) => network("proofs from", ip, limits.proofs_from),
            Self::Registration(ip) => network("registration", ip, limits.registrations),
            Self::MailFrom(ip) => network("mail from", ip, limits.mails_from),
            Self::ResetPair(pair) => (pair.digest("reset"), limits.mails_to),
            Self::ResetTo(text, lifetime) => {
                (account("reset mail", text), limits.resets_to.delayed_at_most(lifetime / 2))
            }
        }
    }

    /// Returns which limit it is counted against.
    pub(super) fn limit_name(self) -> LimitName {
        match self {
            Self::Pair(_) | Self::Reauthentication(_) | Self::SecondFactor(_) => LimitName::Pair,
            Self::Account(_) | Self::Known(_) => LimitName::Account,
            Self::Network(_) => LimitName::Network,
            Self::ProofsFrom(_) => LimitName::ProofsFrom,
            Self::ProofsOf(_) => LimitName::ProofsOf,
            Self::Registration(_) => LimitName::Registrations,
            Self::MailTo(..) | Self::ResetPair(_) => LimitName::MailsTo,
            Self::ResetTo(..) => LimitName::ResetsTo,
            Self::MailFrom(_) => LimitName::MailsFrom,
        }
    }

    /// Returns what a success does to the count.
    pub(super) fn after_success(self) -> AfterSuccess {
        match self {
            Self::Pair(_) | Self::Known(_) | Self::Reauthentication(_) => AfterSuccess::Forgotten,
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

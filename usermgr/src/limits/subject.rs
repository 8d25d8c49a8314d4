//! What is counted: of whom, from where, under which key and against which limit.

use std::{net::IpAddr, time::Duration};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{CounterKey, Limit, Limits};
use crate::{
    network,
    secret::{SecretError, SecretSet},
};

/// What clients without a known address are held to together: it must slow an attacker down and not lock everybody out.
const UNKNOWN_NETWORK: Limit = Limit::new(1_000)
    .first_delay(Duration::from_secs(1))
    .longest_delay(Duration::from_secs(1))
    .forget_after(Duration::from_secs(60));

/// The key of the digests that tell which account was asked for from which network. Without it a list of addresses and networks would
/// open them.
pub(crate) struct PairKey(Zeroizing<[u8; 32]>);

impl PairKey {
    /// The key of the current secret, by HKDF-SHA256 (RFC 5869): a secret that is replaced forgets which networks are known.
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(b"usermgr"), secrets.current.bytes()?)
            .expand(b"key:networks", key.as_mut_slice())
            .map_err(|_| SecretError::Derivation)?;
        Ok(Self(key))
    }

    /// An account, by its address in canonical form, asked for from a network.
    pub(crate) fn pair<'a>(&'a self, account: &'a str, ip: Option<IpAddr>) -> Pair<'a> {
        Pair { key: self, account, ip }
    }
}

/// An account and the network from which it is asked for.
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

/// Which mail anybody may ask for. Each has a budget of its own, so that none uses up that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// That of a registration: to the new user, or to the owner of the address.
    Registration,
    Verify,
    EmailChange,
}

/// What an attempt is counted for.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// A login to an account from one network, whether or not the account exists.
    Pair(Pair<'a>),
    /// A login to the account of this address, in its canonical form, from all networks that are not known to it.
    Account(&'a str),
    /// A login to an account from a network that is known to it: strangers elsewhere cannot use it up.
    Known(Pair<'a>),
    /// The current password of somebody who is logged in: apart, so that strangers cannot use up the user's attempts.
    Reauthentication(&'a str),
    /// A second factor of a user whose first step was right.
    SecondFactor(&'a str),
    /// Any secret, from a client.
    Network(Option<IpAddr>),
    /// A right password, from a client: it costs a hash all the same.
    ProofsFrom(Option<IpAddr>),
    /// A right password, of an account.
    ProofsOf(&'a str),
    /// A registration, from a client.
    Registration(Option<IpAddr>),
    /// A mail, to an address in its canonical form.
    MailTo(MailKind, &'a str),
    /// A mail, for a client.
    MailFrom(Option<IpAddr>),
    /// A mail with a reset token, to one address for one network.
    ResetPair(Pair<'a>),
    /// A mail with a reset token that lives so long, to an address in its canonical form. No delay is longer than half of that life:
    /// who is refused finds a token that still works in the mailbox.
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

    /// What a success does to the count.
    pub(super) fn after_success(self) -> AfterSuccess {
        match self {
            Self::Pair(_) | Self::Known(_) | Self::Reauthentication(_) => AfterSuccess::Forgotten,
            Self::ProofsFrom(_) | Self::ProofsOf(_) => AfterSuccess::Counted,
            _ => AfterSuccess::TakenBack,
        }
    }

    /// Whether its failures lock a login.
    pub(super) fn locks(self) -> bool {
        matches!(self, Self::Pair(_) | Self::Account(_) | Self::Known(_) | Self::Reauthentication(_))
    }
}

/// What a success does to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterSuccess {
    /// It is taken back.
    TakenBack,
    /// It is forgotten with all failures before it.
    Forgotten,
    /// It is what counts.
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

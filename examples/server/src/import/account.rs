//! The result of a row: a record with its credentials, or the reason why it cannot be imported.

use jiff::Timestamp;
use usermgr::{
    EmailAddress, NoProfile, User,
    store::{Credential, Identity},
    user::{PasswordHash, Record, Stamp, Username},
};
use uuid::Uuid;

use super::{Judge, source::Row};

/// An account that may be imported.
pub(super) struct Account {
    pub(super) record: Record,
    pub(super) credentials: Vec<Credential<Uuid>>,
    /// Why it is imported without its password.
    pub(super) lost_password: Option<&'static str>,
    /// Whether its time of creation is now, although the other database has one.
    pub(super) lost_creation: bool,
}

/// What only one of the two accounts has: the one here or the imported one.
pub(super) enum Difference {
    None,
    Changed(&'static str),
}

impl Account {
    /// # Errors
    /// The id, as it was read, and what is wrong with the row.
    pub(super) fn new(row: Row, judge: &Judge) -> Result<Self, (String, String)> {
        let Row { id: text, email, username, hash, flags, created_at, lost_creation, stamp, credentials, ours } = row;
        let refuse = |reason: &str| (text.clone(), reason.to_owned());
        let id = Uuid::try_parse(&text).map_err(|_| refuse("its id is no UUID"))?;
        let email = match judge.rules.parse(&email) {
            Ok(email) => email,
            // An address that an earlier version of this library accepted is not validated again.
            Err(_) if ours => EmailAddress::from_stored(email),
            Err(error) => return Err(refuse(&format!("its address is invalid: {error}"))),
        };
        let username = match (username, &judge.names) {
            (Some(name), _) if ours => Some(Username::from_stored(name)),
            (Some(name), Some(rules)) if !name.is_empty() => {
                let invalid = |error| refuse(&format!("its user name is invalid: {error}"));
                Some(rules.parse_reserved(&name).map_err(invalid)?)
            }
            _ => None,
        };
        let [is_active, is_superuser, is_verified] =
            flags.map_err(|column| refuse(&format!("its `{column}` says neither yes nor no")))?;
        let created_at = created_at.unwrap_or_else(Timestamp::now);
        let hash = hash.filter(|hash| !hash.is_empty()).map(PasswordHash::new);
        let lost = hash.as_ref().is_some_and(|hash| !judge.hasher.can_prove(hash));
        let mut user = User::new(id, email, created_at, NoProfile);
        user.username = username;
        (user.is_active, user.is_superuser, user.is_verified) = (is_active, is_superuser, is_verified);
        let record = Record::new(user, hash.filter(|_| !lost), stamp, 0);
        let lost_password = lost.then_some("its hash is neither Argon2id nor bcrypt, or asks for too much work");
        Ok(Self { record, credentials, lost_password, lost_creation })
    }

    /// The credentials of which the account here has none of the same id or lookup. What has expired is not missed. A link to another
    /// provider is a [difference](Self::difference).
    pub(super) fn missing(&self, here: &[Credential<Uuid>], now: Timestamp) -> Vec<&Credential<Uuid>> {
        let is_same = |row: &Credential<Uuid>, other: &Credential<Uuid>| {
            let by_lookup = row.lookup.is_some() && (&row.kind, &row.lookup) == (&other.kind, &other.lookup);
            row.id == other.id || by_lookup
        };
        let counts = |row: &&Credential<Uuid>| row.kind != Identity::KIND && row.is_live(now);
        self.credentials.iter().filter(counts).filter(|row| !here.iter().any(|other| is_same(row, other))).collect()
    }

    /// Compares with the account that has the same id here, and its credentials. `misses` is whether it has not all of them.
    pub(super) fn difference(&self, stored: &Record, here: &[Credential<Uuid>], misses: bool) -> Difference {
        let (theirs, ours) = (&self.record.user, &stored.user);
        let hash = |record: &Record| record.password_hash.as_ref().map(|hash| hash.expose().to_owned());
        let name = |user: &User| user.username.as_ref().map(|name| name.as_str().to_owned());
        let links =
            |rows: &[Credential<Uuid>]| rows.iter().filter_map(|row| Identity::read(row).ok()).collect::<Vec<_>>();
        let linked = links(here);
        let parts = [
            ("its user name", name(theirs) != name(ours)),
            ("its address", theirs.email.as_str() != ours.email.as_str()),
            ("its password", hash(&self.record) != hash(stored)),
            ("whether it is active", theirs.is_active != ours.is_active),
            ("whether it is a superuser", theirs.is_superuser != ours.is_superuser),
            ("whether it is verified", theirs.is_verified != ours.is_verified),
            (
                "its links to other providers",
                links(&self.credentials).iter().any(|identity| !linked.contains(identity)),
            ),
            ("a credential", misses),
        ];
        parts.into_iter().find(|(_, differs)| *differs).map_or(Difference::None, |(what, _)| Difference::Changed(what))
    }
}

/// A stamp for an account that had none.
pub(super) fn fresh_stamp() -> Result<Stamp, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Stamp::from_bytes(bytes))
}

//! Rows as plain values, the same for every database: the values that a statement binds, and the types that are built
//! from the columns.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{cells::Cells, dialect::Dialect, error::SqlError, id::SqlId, value::Value};
use crate::{
    StoreError,
    session::{Amr, SessionActor},
    store::{Rotation, Session, SessionDigest, SessionId},
    user::{EmailAddress, NewRecord, PasswordHash, Profile, Record, Stamp, StoredProfile, User, Username},
};

/// The written columns of an account, in the order of the statements.
pub(super) struct Account<'a> {
    email: &'a str,
    email_key: &'a str,
    username: Option<&'a Username>,
    password_hash: Option<&'a str>,
    is_active: bool,
    is_superuser: bool,
    is_verified: bool,
    created_at: i64,
    stamp: &'a [u8],
    profile: Cow<'a, str>,
}

impl<'a> Account<'a> {
    pub(super) fn of_new<P: Profile>(new: &'a NewRecord<P>) -> Result<Self, StoreError> {
        Ok(Self {
            email: new.email.as_str(),
            email_key: new.email.canonical(),
            username: new.username.as_ref(),
            password_hash: new.password_hash.as_ref().map(PasswordHash::expose),
            is_active: new.is_active,
            is_superuser: new.is_superuser,
            is_verified: new.is_verified,
            created_at: new.created_at.as_microsecond(),
            stamp: new.stamp.as_bytes(),
            profile: text(&new.profile)?,
        })
    }

    pub(super) fn of<P: Profile, I>(record: &'a Record<P, I>) -> Result<Self, StoreError> {
        Ok(Self::with(record, text(&record.user.profile)?))
    }

    /// Takes the profile unchanged.
    pub(super) fn of_stored<I>(record: &'a Record<StoredProfile, I>) -> Self {
        Self::with(record, record.user.profile.as_str().into())
    }

    /// Returns the values to bind.
    pub(super) fn values(&self) -> [Value<'_>; 11] {
        [
            self.email.into(),
            self.email_key.into(),
            self.username.map(Username::as_str).into(),
            self.username.map(Username::canonical).into(),
            self.password_hash.into(),
            self.is_active.into(),
            self.is_superuser.into(),
            self.is_verified.into(),
            self.created_at.into(),
            self.stamp.into(),
            (&*self.profile).into(),
        ]
    }

    fn with<P, I>(Record { user, password_hash, stamp, .. }: &'a Record<P, I>, profile: Cow<'a, str>) -> Self {
        Self {
            email: user.email.as_str(),
            email_key: user.email.canonical(),
            username: user.username.as_ref(),
            password_hash: password_hash.as_ref().map(PasswordHash::expose),
            is_active: user.is_active,
            is_superuser: user.is_superuser,
            is_verified: user.is_verified,
            created_at: user.created_at.as_microsecond(),
            stamp: stamp.as_bytes(),
            profile,
        }
    }
}

fn text<'a, P: Profile>(profile: &P) -> Result<Cow<'a, str>, StoreError> {
    Ok(StoredProfile::of(profile)?.into_text().into())
}

/// The columns of an account as they were read.
pub(super) struct StoredAccount<'r, I> {
    id: I,
    email: String,
    username: Option<String>,
    password_hash: Option<String>,
    /// 1 for active, 2 for superuser and 4 for verified.
    flags: i64,
    created_at: i64,
    stamp: &'r [u8],
    version: i64,
    profile: &'r str,
}

impl<'r, I: SqlId> StoredAccount<'r, I> {
    /// Reads a row that contains only these columns.
    pub(super) fn of<D: Dialect>(row: &'r D::Row) -> Result<Self, sqlx::Error> {
        Self::read(&mut Cells::<D>::of(row))
    }

    pub(super) fn read<D: Dialect>(cells: &mut Cells<'r, D>) -> Result<Self, sqlx::Error> {
        let id = I::read(cells)?;
        Ok(Self {
            id: cells.there(id)?,
            email: cells.text()?.to_owned(),
            username: cells.text_or_null()?.map(str::to_owned),
            password_hash: cells.text_or_null()?.map(str::to_owned),
            flags: cells.number()?,
            created_at: cells.number()?,
            stamp: cells.bytes()?,
            version: cells.number()?,
            profile: cells.text()?,
        })
    }

    pub(super) fn into_record<P: Profile>(self) -> Result<Record<P, I>, StoreError> {
        self.with(|text, id| serde_json::from_str(text).map_err(|error| StoreError::unreadable_profile(id, &error)))
    }

    pub(super) fn into_stored(self) -> Result<Record<StoredProfile, I>, StoreError> {
        self.with(|text, _| Ok(StoredProfile::from_stored(text)))
    }

    fn with<P>(self, profile: impl FnOnce(&str, &I) -> Result<P, StoreError>) -> Result<Record<P, I>, StoreError> {
        let id = self.id;
        let unreadable = |what, reason| SqlError::Unreadable { what, id: id.to_string(), reason };
        let (email, username) = (EmailAddress::from_stored(self.email), self.username.map(Username::from_stored));
        let profile = profile(self.profile, &id)?;
        let created_at = time(self.created_at).ok_or_else(|| unreadable("time of creation", out_of_range()))?;
        let stamp = stamp(self.stamp).ok_or_else(|| unreadable("stamp", "it does not have 16 bytes".to_owned()))?;
        let [is_active, is_superuser, is_verified] = [1, 2, 4].map(|flag| self.flags & flag != 0);
        let user = User { id, email, username, is_active, is_superuser, is_verified, created_at, profile };
        let password_hash = self.password_hash.map(PasswordHash::new);
        Ok(Record { user, password_hash, stamp, version: self.version })
    }
}

/// The columns of a session as they were read, without its user's id.
pub(super) struct StoredSession<'r> {
    id: String,
    digest: String,
    stamp: &'r [u8],
    backend: String,
    authenticated_at: i64,
    seen_at: i64,
    expires_at: i64,
    ip: Option<&'r str>,
    user_agent: Option<String>,
    refresh_digest: Option<String>,
    rotated_at: Option<i64>,
    rotated_by: Option<String>,
    amr: Option<&'r str>,
    actor: Option<&'r str>,
}

impl<'r> StoredSession<'r> {
    pub(super) fn read<D: Dialect>(cells: &mut Cells<'r, D>) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: cells.text()?.to_owned(),
            digest: cells.text()?.to_owned(),
            stamp: cells.bytes()?,
            backend: cells.text()?.to_owned(),
            authenticated_at: cells.number()?,
            seen_at: cells.number()?,
            expires_at: cells.number()?,
            ip: cells.text_or_null()?,
            user_agent: cells.text_or_null()?.map(str::to_owned),
            refresh_digest: cells.text_or_null()?.map(str::to_owned),
            rotated_at: cells.number_or_null()?,
            rotated_by: cells.text_or_null()?.map(str::to_owned),
            amr: cells.text_or_null()?,
            actor: cells.text_or_null()?,
        })
    }

    pub(super) fn into_session<I: SqlId>(self, user_id: &I) -> Result<Session<I>, StoreError> {
        let unreadable = |reason| SqlError::Unreadable { what: "session", id: user_id.to_string(), reason };
        let time = |value| time(value).ok_or_else(|| unreadable(out_of_range()));
        let no_actor = || unreadable("the administrator who acts in it".to_owned());
        let rotation = match (self.refresh_digest, self.rotated_at) {
            (Some(digest), Some(at)) => {
                let digest = SessionDigest::from_stored(digest);
                Some(Rotation { digest, rotated_at: time(at)?, rotated_by: self.rotated_by })
            }
            _ => None,
        };
        Ok(Session {
            id: SessionId::new(self.id),
            digest: SessionDigest::from_stored(self.digest),
            user_id: user_id.clone(),
            stamp: stamp(self.stamp).ok_or_else(|| unreadable("its stamp does not have 16 bytes".to_owned()))?,
            backend: self.backend,
            authenticated_at: time(self.authenticated_at)?,
            amr: Amr::from_stored(self.amr),
            seen_at: time(self.seen_at)?,
            expires_at: time(self.expires_at)?,
            // The address is only shown to users, so an invalid one must not end the session.
            ip: self.ip.and_then(|text| text.parse().ok()),
            user_agent: self.user_agent,
            // A session that cannot be read must not become one of the user.
            actor: self.actor.map(|text| SessionActor::from_stored(text).ok_or_else(no_actor)).transpose()?,
            rotation,
        })
    }
}

pub(super) fn time(microseconds: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(microseconds).ok()
}

fn stamp(bytes: &[u8]) -> Option<Stamp> {
    bytes.try_into().ok().map(Stamp::from_bytes)
}

pub(super) fn out_of_range() -> String {
    "it is out of range".to_owned()
}

//! A request for a login by mail: the row that waits for the link or the code of its mail, and the code of an account.
//! Every request has the same row, whether or not its address is registered. The row ends with the first login, so that a
//! mail works once.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MailLogin;
use crate::{
    engine::{Credentials, Engine},
    error::Fault,
    settings::Configured,
    span::later,
    store::{CredentialDigest, Pending, PendingPurpose, RecordOf, StoreError, UserStore},
    token::{LoginCode, LoginRequestToken},
    user::{EmailAddress, Record},
};

/// The purpose under which a request is stored.
const PURPOSE: PendingPurpose = PendingPurpose::new("mail_login");
/// The number of codes that are judged for one request (ASVS 5.0, 6.6.3).
const MOST_ATTEMPTS: u32 = 5;

/// The content of a row.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// The address, as it was typed.
    email: String,
    /// When the mail was requested.
    at: Timestamp,
}

/// A request that waits.
pub(super) struct Request<'a, S: UserStore> {
    credentials: &'a dyn Credentials<S>,
    pub(super) digest: CredentialDigest,
    pub(super) email: EmailAddress,
    pub(super) at: Timestamp,
}

impl<'a, S: UserStore> Request<'a, S> {
    /// Writes the row of a request. The row has no user, because the address is not looked up.
    pub(super) async fn write(
        engine: &Engine<S>,
        part: &MailLogin,
        token: &LoginRequestToken,
        email: &EmailAddress,
    ) -> Result<(), Fault> {
        let Some(credentials) = engine.credentials() else { return Ok(()) };
        let at = engine.now();
        let data = serde_json::to_string(&Waiting { email: email.to_string(), at }).map_err(StoreError::backend)?;
        let pending = Pending::new(CredentialDigest::of(token.expose()), PURPOSE, data, later(at, part.longest()));
        Ok(credentials.put_pending(engine.store(), &pending).await?)
    }

    /// Finds a request that has not expired and was not used.
    pub(super) async fn find(engine: &'a Engine<S>, digest: CredentialDigest) -> Result<Option<Self>, StoreError> {
        let Some(credentials) = engine.credentials() else { return Ok(None) };
        let pending = credentials.find_pending(engine.store(), &digest, &PURPOSE, engine.now()).await?;
        Ok(pending.and_then(|Pending { data, .. }| {
            let Waiting { email, at } = serde_json::from_str(&data).ok()?;
            Some(Self { credentials, digest, email: EmailAddress::from_stored(email), at })
        }))
    }

    /// When what works for this time stops working, if it still works.
    pub(super) fn end_of(&self, lifetime: Duration, now: Timestamp) -> Option<Timestamp> {
        Some(later(self.at, lifetime)).filter(|end| now < *end)
    }

    /// Counts an attempt. Returns `false`, and counts nothing, if there were too many.
    pub(super) async fn try_once(&self, engine: &Engine<S>) -> Result<bool, StoreError> {
        let (store, now) = (engine.store(), engine.now());
        Ok(self.credentials.try_pending(store, &self.digest, &PURPOSE, MOST_ATTEMPTS, now).await?.is_some())
    }

    /// Ends the request. Returns `false` if it has ended before.
    pub(super) async fn take(&self, engine: &Engine<S>) -> Result<bool, StoreError> {
        let (store, now) = (engine.store(), engine.now());
        Ok(self.credentials.take_pending(store, &self.digest, &PURPOSE, now).await?.is_some())
    }

    /// The code of an account for this request.
    pub(super) fn code(&self, configured: &Configured, record: &RecordOf<S>) -> Option<LoginCode> {
        configured.codes.code(&self.parts(Some(record)).each_ref().map(|part| part.as_bytes()))
    }

    /// Whether a code is the one of an account. It takes the same time without an account, and is `false` then.
    pub(super) fn is_code(&self, configured: &Configured, typed: &str, record: Option<&RecordOf<S>>) -> bool {
        let parts = self.parts(record);
        let is_equal = configured.codes.is_code(typed, &parts.each_ref().map(|part| part.as_bytes()));
        is_equal & record.is_some()
    }

    /// What a code depends on: the request, the account, its address and its stamp. So a code ends with each of them.
    fn parts(&self, record: Option<&RecordOf<S>>) -> [String; 4] {
        let request = self.digest.as_str().to_owned();
        match record {
            Some(Record { user, stamp, .. }) => [request, user.id.to_string(), user.email.to_string(), stamp.prefix()],
            None => [request, String::new(), self.email.to_string(), String::new()],
        }
    }
}

/// Whether the request with this digest still waits.
pub(crate) async fn is_waiting<S: UserStore>(engine: &Engine<S>, digest: &str) -> Result<bool, StoreError> {
    Ok(Request::find(engine, CredentialDigest::from_stored(digest)).await?.is_some())
}

//! The tokens of a provider, and the credential in which they are kept: sealed, beside the identity. What goes in is what
//! the token endpoint gave; what comes out opens only in the row of this user.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    seal::{Place, SealError, SealKeys},
    store::{Credential, CredentialId, CredentialKind, Identity},
};

/// The kind of the rows.
const KIND: &str = "provider_tokens";
/// The largest size of all tokens of an identity, in bytes. A column takes more, but no server accepts a header of this
/// length.
const MOST: usize = 64 * 1024;

/// An access token of a provider, with which the application calls the provider's API in the name of the user. It is
/// returned by [`provider_token`](crate::Operations::provider_token).
///
/// It is wiped when dropped, and [`Debug`] does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct ProviderToken {
    access: Zeroizing<String>,
    /// When the token expires. `None` if the provider does not say it (RFC 6749, 5.1).
    pub expires_at: Option<Timestamp>,
    /// The granted scopes, separated by spaces. `None` if the provider has not named them, because they are those that
    /// were requested (RFC 6749, 5.1).
    pub scope: Option<String>,
}

impl ProviderToken {
    /// Returns the token, for the header `Authorization: Bearer`.
    pub fn expose(&self) -> &str {
        &self.access
    }
}

impl fmt::Debug for ProviderToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderToken")
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// The tokens that a provider has given.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: Zeroizing<String>,
    pub(crate) refresh: Option<Zeroizing<String>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scope: Option<String>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    /// Whether the access token is good beyond this time.
    pub(crate) fn is_good_at(&self, time: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > time)
    }

    /// Whether they are short enough to be kept.
    pub(crate) fn can_be_kept(&self) -> bool {
        self.size() <= MOST
    }

    /// The size of all of them, in bytes.
    fn size(&self) -> usize {
        let refresh = self.refresh.as_ref().map_or(0, |token| token.len());
        self.access.len() + refresh + self.scope.as_ref().map_or(0, String::len)
    }

    /// These tokens, with what the provider gave earlier and does not repeat: the refresh token, which some providers
    /// give once only.
    pub(crate) fn after(self, earlier: Option<&Self>) -> Self {
        let refresh = self.refresh.or_else(|| earlier?.refresh.clone());
        Self { refresh, ..self }
    }

    /// These tokens, as the answer to a refresh. What the provider leaves out is as before (RFC 6749, 6).
    pub(crate) fn refreshed_from(self, earlier: &Self) -> Self {
        let scope = self.scope.clone().or_else(|| earlier.scope.clone());
        Self { scope, ..self.after(Some(earlier)) }
    }

    /// Whether this is the refresh token.
    pub(crate) fn has_refresh(&self, token: &str) -> bool {
        self.refresh.as_ref().is_some_and(|own| **own == *token)
    }
}

impl From<&Tokens> for ProviderToken {
    fn from(tokens: &Tokens) -> Self {
        let Tokens { access, expires_at, scope, .. } = tokens.clone();
        Self { access, expires_at, scope }
    }
}

/// What is kept of an identity.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) provider: String,
    pub(crate) subject: String,
    /// `None` after the provider has refused to refresh them.
    pub(crate) tokens: Option<Tokens>,
    /// Until when one caller alone may use the refresh token.
    pub(crate) claimed_until: Option<Timestamp>,
}

/// The text that is sealed.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    provider: Cow<'a, str>,
    subject: Cow<'a, str>,
    access: Option<Cow<'a, str>>,
    refresh: Option<Cow<'a, str>>,
    expires_at: Option<Timestamp>,
    scope: Option<Cow<'a, str>>,
    claimed_until: Option<Timestamp>,
}

impl Kept {
    /// The kind of the credentials in which tokens are kept. Their lookup is that of the identity.
    pub(crate) const KIND: CredentialKind = CredentialKind::new(KIND);

    /// The tokens of an identity.
    pub(crate) fn of(identity: &Identity, tokens: Tokens) -> Self {
        let Identity { provider, subject, .. } = identity.clone();
        Self { provider, subject, tokens: Some(tokens), claimed_until: None }
    }

    /// Returns the data of the row with this name.
    pub(crate) fn seal(&self, keys: &SealKeys, user: &str, row: &CredentialId) -> Result<String, SealError> {
        let Self { provider, subject, tokens, claimed_until } = self;
        let tokens = tokens.as_ref();
        let written = Written {
            provider: provider.into(),
            subject: subject.into(),
            access: tokens.map(|tokens| tokens.access.as_str().into()),
            refresh: tokens.and_then(|tokens| tokens.refresh.as_ref()).map(|token| token.as_str().into()),
            expires_at: tokens.and_then(|tokens| tokens.expires_at),
            scope: tokens.and_then(|tokens| tokens.scope.as_ref()).map(Into::into),
            claimed_until: *claimed_until,
        };
        // With all its room from the start, it is never moved, and no copy is left behind.
        let room = 2 * (tokens.map_or(0, Tokens::size) + provider.len() + subject.len()) + 256;
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *plain, &written).map_err(|_| SealError::Failed)?;
        keys.seal(place(user, row), &plain)
    }

    /// Opens a row. It must belong to the identity under which it is found.
    pub(crate) fn open<I: fmt::Display>(keys: &SealKeys, row: &Credential<I>) -> Result<Self, SealError> {
        let plain = keys.open(place(&row.user_id.to_string(), &row.id), &row.data)?;
        let written: Written<'_> = serde_json::from_slice(&plain).map_err(|_| SealError::Forged)?;
        let Written { provider, subject, access, refresh, expires_at, scope, claimed_until } = written;
        let secret = |text: Cow<'_, str>| Zeroizing::new(text.into_owned());
        let tokens = access.map(|access| Tokens {
            access: secret(access),
            refresh: refresh.map(secret),
            expires_at,
            scope: scope.map(Cow::into_owned),
        });
        let kept = Self { provider: provider.into_owned(), subject: subject.into_owned(), tokens, claimed_until };
        let lookup = Identity::new(kept.provider.as_str(), kept.subject.as_str()).lookup();
        if row.lookup.as_ref() == Some(&lookup) { Ok(kept) } else { Err(SealError::Forged) }
    }
}

fn place<'a>(user: &'a str, row: &'a CredentialId) -> Place<'a> {
    Place { kind: KIND, user, row: row.as_str() }
}

#[cfg(test)]
mod tests;

//! What a user needs to set up an authenticator app, before it is added.

use std::{fmt, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::{code::Secret, qr};
use crate::token::PendingToken;

/// The characters that need no encoding (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An authenticator app that is being set up. Show it once. `Debug` does not show the secret.
#[non_exhaustive]
pub struct TotpEnrolment {
    /// The token with which the app is confirmed.
    pub token: PendingToken,
    /// How long the token is valid, in whole seconds.
    pub expires_in: Duration,
    secret: Zeroizing<String>,
    uri: Zeroizing<String>,
}

impl TotpEnrolment {
    pub(super) fn new(token: PendingToken, expires_in: Duration, secret: &Secret, issuer: &str, account: &str) -> Self {
        let encoded = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let (issuer, account, secret) = (encoded(issuer), encoded(account), secret.base32());
        // Most apps know only the defaults: SHA-1, six digits and 30 seconds. So they are left out.
        let uri = format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", secret.as_str());
        Self { token, expires_in, secret, uri: Zeroizing::new(uri) }
    }

    /// Returns the secret in Base32 (RFC 4648, 6): 32 characters, for a user who types it.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Returns the address that opens an app on the same device, and that the QR code contains:
    /// `otpauth://totp/Shop:ada%40example.com?secret=..&issuer=Shop`.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Returns the QR code of the address, as an `svg` element for a page: black on white, with the border that scanners
    /// need.
    pub fn qr_svg(&self) -> String {
        qr::svg(&self.uri)
    }
}

impl fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpEnrolment").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

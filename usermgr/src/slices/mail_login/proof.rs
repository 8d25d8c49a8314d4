//! What comes back from a mail for a login.

use crate::token::{LoginCode, LoginRequestToken, MagicLinkToken};

/// What a user has received by mail: the argument of [`login_by_mail`](crate::mail_login::LoginByMail::login_by_mail).
///
/// ```
/// use usermgr::prelude::*;
///
/// let link = MailProof::link("what the link in the mail holds");
/// let code = MailProof::code("what `request_login` has returned", "12345678");
/// assert!(!format!("{code:?} {link:?}").contains("1234"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MailProof {
    /// The link was opened, in any browser.
    #[non_exhaustive]
    Link {
        /// The token of the link.
        token: MagicLinkToken,
    },
    /// The code was typed where the mail was requested.
    #[non_exhaustive]
    Code {
        /// What [`request_login`](crate::mail_login::LoginByMail::request_login) has returned there.
        request: LoginRequestToken,
        /// The code. White space in it is ignored.
        code: LoginCode,
    },
}

impl MailProof {
    /// Makes the proof of a link.
    pub fn link(token: impl Into<MagicLinkToken>) -> Self {
        Self::Link { token: token.into() }
    }

    /// Makes the proof of a code.
    pub fn code(request: impl Into<LoginRequestToken>, code: impl Into<LoginCode>) -> Self {
        Self::Code { request: request.into(), code: code.into() }
    }
}

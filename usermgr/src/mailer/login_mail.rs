//! What a mail for a login contains.

use jiff::Timestamp;

use crate::token::{LoginCode, MagicLinkToken};

/// What a mail for a login contains, as [`on_after_request_login`](crate::UserManager::on_after_request_login) receives it.
/// [`Debug`] shows no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginMail {
    /// The token of the link. `None` with [`codes_only`](crate::mail_login::MailLogin::codes_only).
    pub link_token: Option<MagicLinkToken>,
    /// The code of eight digits. `None` with [`links_only`](crate::mail_login::MailLogin::links_only), and if the mail is late and the
    /// code does not work any more.
    pub code: Option<LoginCode>,
    /// Until when everything in the mail works: the link, the code, or the earlier of the two.
    pub expires_at: Timestamp,
}

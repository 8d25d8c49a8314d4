//! The operations of logins by mail.

use std::{future::Future, sync::Arc};

use crate::{
    context::Context,
    error::Fault,
    login::{LoggedIn, LoginError},
    manager::UserManager,
    mark::outside,
    op::Begun,
    slices::{MailProof, mail_login},
    token::LoginRequestToken,
    user::EmailAddress,
};

/// Logging in with a link or a code that is sent by mail, for managers whose engine has the part
/// [`MailLogin`](crate::mail_login::MailLogin). In scope through the prelude.
pub trait LoginByMail: UserManager {
    /// Requests a mail for the user with an address, as `POST /auth/request-login` does. The result and its timing do not
    /// reveal whether the address is registered: the account is looked up later, in the background or by the worker of the
    /// outbox, and only an active user gets a mail. It counts as a mail to the address and for the network of `cx`; see
    /// [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// The code of the mail is good together with what this returns, and with nothing else. Give it to the client that has
    /// asked, and to no one else. It gives no access. With [`links_only`](crate::mail_login::MailLogin::links_only) it has no use.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = accounts.request_login(&EmailAddress::for_lookup("ada@example.com"), &Context::default()).await?;
    /// println!("if the address is registered, a mail is on its way");
    /// # let _ = request;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`]: [`Fault::Limited`] if too many mails were requested, [`Fault::Overloaded`] if the
    /// background queue is full, [`Fault::Config`] without the part.
    fn request_login(
        self: &Arc<Self>,
        email: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<LoginRequestToken, Fault>> + Send {
        async move {
            outside()?;
            mail_login::request_login(self, email, cx).await
        }
    }

    /// Logs in with what was sent by mail, once, as `POST /auth/{backend}/login/mail` does. It is a first step: a user with
    /// a second factor is asked for it, and a mail is never the second step (NIST SP 800-63B-4, 3.1.3).
    ///
    /// If the address was never verified, it is verified now, and the account is taken over: the password, all sessions and
    /// all credentials of the account are deleted, because someone else may have made it. The event is `account_claimed`,
    /// and `on_after_verify` is called.
    ///
    /// At most five codes are judged for one request. Wrong ones count as wrong passwords of the account and of the network,
    /// and wrong links as wrong secrets of the network.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let proof = MailProof::link("what the link in the mail holds");
    /// let login = accounts.login_by_mail(&proof, "bearer", &Context::default()).await?;
    /// assert!(login.user.is_verified);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadToken`] and [`LoginError::BadCode`], and the errors of a login:
    /// [`LoginError::SecondFactorRequired`], [`LoginError::Rejected`], [`LoginError::UnknownBackend`] and faults, among them
    /// [`Fault::Config`] without the part.
    fn login_by_mail(
        &self,
        proof: &MailProof,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move { mail_login::login_by_mail(Begun::new(self, cx)?.op(), proof, backend).await }
    }
}

impl<M: UserManager + ?Sized> LoginByMail for M {}

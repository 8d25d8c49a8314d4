//! Why a mail was not sent, and whether a further attempt can help.

use std::{error::Error, fmt};

use crate::error::outlook::{NotSent, Outlook};

/// The mail service did not accept a mail. `?` converts any error to this type, and this type to the error of a hook.
///
/// Like [`HookError`](crate::HookError) it does not implement [`Error`], so that any error can be converted to it. It converts to
/// `Box<dyn Error + Send + Sync>`.
///
/// ```
/// use usermgr::{HookError, Mail, mail::MailError, Mailer};
///
/// fn render() -> Result<String, MailError> {
///     Ok(std::fs::read_to_string("/no/such/template")?)
/// }
///
/// async fn welcome(mailer: &dyn Mailer, mail: Mail) -> Result<(), HookError> {
///     Ok(mailer.send(mail.text(render()?)).await?)
/// }
/// assert!(render().is_err());
/// ```
pub struct MailError {
    error: Box<dyn Error + Send + Sync>,
    outlook: Outlook,
}

impl MailError {
    /// Creates an error from a text or from a boxed error. A further attempt can help.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), outlook: Outlook::Retry }
    }

    /// Creates an error that a further attempt would only repeat, such as an address that the mail server refuses. With the outbox the
    /// notification is given up at once, like after [`HookError::permanent`](crate::HookError::permanent).
    ///
    /// ```
    /// use usermgr::{HookError, mail::MailError};
    /// let error = HookError::from(MailError::permanent("550 5.1.1 no such user"));
    /// assert!(error.is_permanent());
    /// ```
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), outlook: Outlook::Permanent }
    }

    /// Creates an error that concerns all mails until an operator acts, such as a wrong password for the mail server. The mail is tried
    /// again, and the event is `delivery_misconfigured` in place of `hook_failed`.
    pub fn misconfigured(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), outlook: Outlook::Misconfigured }
    }

    /// Returns whether the error was made by [`permanent`](Self::permanent).
    pub fn is_permanent(&self) -> bool {
        self.outlook == Outlook::Permanent
    }

    /// Returns whether the error was made by [`misconfigured`](Self::misconfigured).
    pub fn is_misconfigured(&self) -> bool {
        self.outlook == Outlook::Misconfigured
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for MailError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl From<MailError> for Box<dyn Error + Send + Sync> {
    fn from(MailError { error, outlook }: MailError) -> Self {
        Box::new(NotSent { error, outlook })
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mail could not be sent: {}", self.error)
    }
}

impl fmt::Debug for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailError").field("error", &self.error).field("outlook", &self.outlook).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::*;
    use crate::{
        HookError,
        mailer::{Mail, Mailer},
        user::EmailAddress,
    };

    struct Broken;

    #[async_trait]
    impl Mailer for Broken {
        async fn send(&self, _: Mail) -> Result<(), MailError> {
            Err(std::io::Error::other("no route"))?
        }
    }

    #[tokio::test]
    async fn a_mailer_is_one_behind_a_pointer_and_its_failure_goes_on_by_the_question_mark() {
        async fn hook(mailer: impl Mailer) -> Result<(), HookError> {
            Ok(mailer.send(Mail::to(&EmailAddress::parse("ada@example.com").unwrap())).await?)
        }

        let shared: Arc<dyn Mailer> = Arc::new(Broken);
        let boxed: Box<dyn Mailer> = Box::new(Broken);
        let words = "the mail could not be sent: no route";
        assert_eq!(hook(Arc::clone(&shared)).await.unwrap_err().to_string(), words);
        assert_eq!(hook(boxed).await.unwrap_err().to_string(), words);
        let error = shared.send(Mail::to(&EmailAddress::parse("ada@example.com").unwrap())).await.unwrap_err();
        assert_eq!(error.to_string(), words);
        assert!(Box::<dyn Error + Send + Sync>::from(error).source().is_some_and(|cause| cause.is::<std::io::Error>()));
    }

    #[test]
    fn nm6_the_error_of_a_hook_keeps_what_the_mailer_knew_of_a_further_attempt() {
        type Make = fn(&'static str) -> MailError;
        let makers: [(Make, bool, bool); 3] = [
            (|text| MailError::new(text), false, false),
            (|text| MailError::permanent(text), true, false),
            (|text| MailError::misconfigured(text), false, true),
        ];
        for (make, permanent, misconfigured) in makers {
            let error = make("why");
            assert_eq!((error.is_permanent(), error.is_misconfigured()), (permanent, misconfigured));
            let error = HookError::from(error);
            assert_eq!((error.is_permanent(), error.is_misconfigured()), (permanent, misconfigured));
            // Also boxed on the way, and with a text before it.
            let error = HookError::from(Box::<dyn Error + Send + Sync>::from(make("why")));
            assert_eq!((error.is_permanent(), error.is_misconfigured()), (permanent, misconfigured));
            assert_eq!(error.to_string(), "the mail could not be sent: why");
        }
    }
}

//! Mail to users: the [`Mailer`] trait, which an application implements for its mail service, and the [`Messenger`], which decides what is
//! sent. The feature `mail` adds [`Mails`], which makes the mails of all messages in the language of the reader, and the feature `smtp` adds
//! the mailer [`Smtp`]. The guide has a [page](crate::guide::mail).

pub use crate::mailer::{LoginMail, Mail, MailError, Mailer, Message, Messenger, Printer};
#[cfg(feature = "mail")]
pub use crate::mails::{AnyUser, Fact, MailBody, MailFolder, MailRenderer, MailView, Mails};
#[cfg(feature = "mail")]
pub use crate::presentation::{Brand, BrandView};
#[cfg(feature = "smtp")]
pub use crate::smtp::Smtp;

//! Whether a further attempt of something that failed can help.

use std::error::Error;

/// Whether a further attempt can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It can.
    Retry,
    /// It would fail too.
    Permanent,
    /// It can, but only after an operator has changed the configuration.
    Misconfigured,
}

/// The error of a mailer, as it is boxed on its way through a hook.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {error}")]
pub(crate) struct NotSent {
    #[source]
    pub(crate) error: Box<dyn Error + Send + Sync>,
    pub(crate) outlook: Outlook,
}

impl Outlook {
    /// The outlook of an error that may be that of a mailer.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        error.downcast_ref::<NotSent>().map_or(Self::Retry, |error| error.outlook)
    }
}

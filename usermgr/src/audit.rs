//! What happened, for the audit trail: typed events, and the sink they go to. No event holds a secret.

use std::{borrow::Cow, fmt, net::IpAddr};

use jiff::Timestamp;
use serde::Serialize;
use tracing::{Level, field::debug};

use crate::context::Context;

/// One thing that happened. The serialised form is stable.
///
/// ```
/// use usermgr::audit::{Event, EventKind};
/// let event = Event::new(EventKind::LoggedIn, "2026-01-01T00:00:00Z".parse()?);
/// assert_eq!(serde_json::to_value(&event)?["kind"], "logged_in");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When (UTC).
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Whose account, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Who did it: `user:<id>` or `system:<name>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// More about it, in plain words: why a login failed, which hook did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
}

impl Event {
    /// An event of which only the kind and the time are known.
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        Self { at, kind, user: None, actor: None, ip: None, request_id: None, detail: None }
    }

    /// An event of an operation in this context, about the user of this id.
    pub(crate) fn about(
        kind: EventKind,
        at: Timestamp,
        user: Option<String>,
        detail: Option<Cow<'static, str>>,
        cx: &Context,
    ) -> Self {
        let actor = cx.actor.as_ref().map(ToString::to_string);
        Self { at, kind, user, actor, ip: cx.ip, request_id: cx.request_id.clone(), detail }
    }
}

/// What kinds of things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// Somebody registered.
    Registered,
    /// Somebody tried to register an address that is taken.
    DuplicateRegistration,
    /// The application created a user.
    UserCreated,
    /// A user logged in.
    LoggedIn,
    /// A login has ended the oldest sessions of its user, since there were more than one may have; `detail` says how many.
    SessionsEvicted,
    /// The first step of a login was right, and its second factor was asked for.
    LoginPending,
    /// A login failed; `detail` says why.
    LoginFailed,
    /// Too many wrong passwords have locked the login to an account for a while.
    LockedOut,
    /// A user logged out.
    LoggedOut,
    /// A session got its next tokens; `detail` names it.
    TokenRefreshed,
    /// A refresh token was refused.
    RefreshFailed,
    /// A refresh token was used a second time, and its session has ended; `detail` names it.
    TokenTheft,
    /// A refresh token was used a second time within the grace, by a client of another network or user agent than the first time; it got
    /// the same answer, and `detail` names the session.
    RefreshRepeatedElsewhere,
    /// A session was ended from a list, or with all others; `detail` names it.
    SessionRevoked,
    /// All sessions of a user were ended, or all but the one that asked.
    SessionsRevoked,
    /// A mail to verify an address was asked for.
    VerificationRequested,
    /// An address was verified.
    Verified,
    /// A token to verify an address was refused.
    VerificationFailed,
    /// A mail to reset a password was asked for.
    ResetRequested,
    /// A password was reset.
    PasswordReset,
    /// A token to reset a password was refused.
    ResetFailed,
    /// A user changed their password, or an administrator set it.
    PasswordChanged,
    /// A mail to change an address was asked for.
    EmailChangeRequested,
    /// An address was changed.
    EmailChanged,
    /// A token to change an address was refused.
    EmailChangeFailed,
    /// A current password was asked for and was wrong.
    ReauthenticationFailed,
    /// A hash was made anew with the current parameters.
    PasswordRehashed,
    /// An outdated hash was not made anew, since it covers only a part of the password that was typed.
    RehashSkipped,
    /// A stored hash cannot be checked.
    HashUnusable,
    /// A user was changed; `detail` names the fields.
    Updated,
    /// A user was deleted.
    Deleted,
    /// A gate or `on_before_commit` said no to an operation; `detail` says which and with what code.
    Refused,
    /// A hook failed, panicked or took too long; `detail` says which and how.
    HookFailed,
    /// What a user was to be told was tried as often as it may be, and given up; `detail` says what and why.
    DeliveryFailed,
    /// Sealed data of a row does not open: its key is in no secret of the set, or it was changed; `detail` names kind and row.
    SealUnreadable,
}

/// The stable name, as the serialised form has it: `logged_in`.
impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl EventKind {
    /// Whether somebody has to look: something of the application's has failed, or a token was stolen.
    fn is_warning(self) -> bool {
        matches!(
            self,
            Self::HookFailed | Self::DeliveryFailed | Self::HashUnusable | Self::SealUnreadable | Self::TokenTheft
        )
    }
}

/// Takes the events. It must not block: hand them to a channel or a logger.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use usermgr::{audit::{AuditSink, Event}, prelude::*};
///
/// struct Trail(Sender<Event>);
///
/// impl AuditSink for Trail {
///     fn record(&self, event: &Event) {
///         // Who listens has gone: the trail ends, the service does not.
///         let _ = self.0.send(event.clone());
///     }
/// }
///
/// let (send, _trail) = channel();
/// let engine = Engine::builder(MemoryStore::<NoProfile>::new()).audit(Trail(send)).build();
/// ```
pub trait AuditSink: Send + Sync + 'static {
    /// Takes one event.
    fn record(&self, event: &Event);
}

/// The default sink: `tracing`, target `usermgr`, at level `INFO`, and at `WARN` where somebody has to look: a hook or a delivery that
/// failed, a hash that cannot be checked, a stolen token. Kinds go by their stable names, texts are escaped, so that no client can forge
/// a line, and what is not known is left out. A sink of one's own can hand its events on to this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingSink;

impl AuditSink for TracingSink {
    fn record(&self, event: &Event) {
        macro_rules! write {
            ($level:ident, $($field:ident)*) => {{
                $(let $field = event.$field.as_ref().map(debug);)*
                tracing::event!(target: "usermgr", Level::$level, at = %event.at, kind = %event.kind, $($field),*);
            }};
        }
        if event.kind.is_warning() {
            write!(WARN, user actor ip request_id detail);
        } else {
            write!(INFO, user actor ip request_id detail);
        }
    }
}

//! The audit trail: typed events, and the sink that receives them. No event contains a secret.

use std::{
    borrow::Cow,
    fmt,
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use jiff::Timestamp;
use serde::Serialize;
use tracing::Level;

use crate::{context::Context, realm::Realm};

/// An event. The serialized form is stable.
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
    /// The time (UTC).
    pub at: Timestamp,
    /// The kind of event.
    pub kind: EventKind,
    /// The id of the affected user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The actor: `user:<id>`, `system:<name>`, or `user:<id> as user:<id>` for an administrator who acts as a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The realm of the affected user, if the store [has one](crate::UserStore::realm).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// The address of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Details in plain words, such as why a login failed or which hook did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
}

impl Event {
    /// Makes an event of which only the kind and the time are known.
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        Self { at, kind, user: None, actor: None, realm: None, ip: None, request_id: None, detail: None }
    }

    /// Makes an event of an operation in this context, about the user with this id.
    pub(crate) fn about(
        kind: EventKind,
        at: Timestamp,
        user: Option<String>,
        detail: Option<Cow<'static, str>>,
        cx: &Context,
    ) -> Self {
        let actor = cx.actor.as_ref().map(ToString::to_string);
        Self { at, kind, user, actor, realm: None, ip: cx.ip, request_id: cx.request_id.clone(), detail }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// The kinds of events.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds, in the order of the guide's table.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];
        }
    };
}

kinds! {
    /// A user registered.
    Registered,
    /// A registration used an address that is taken.
    DuplicateRegistration,
    /// The application created a user.
    UserCreated,
    /// A user was invited, or an invitation was sent again.
    UserInvited,
    /// An invited user accepted; `detail` says how: `password`, `passkey`, or the name of a provider.
    InvitationAccepted,
    /// A token of an invitation was refused.
    InvitationFailed,
    /// An invitation was withdrawn, and the account that it had made was deleted.
    InvitationWithdrawn,
    /// A user logged in.
    LoggedIn,
    /// A login has ended the oldest sessions of its user, because the limit was exceeded; `detail` says how many.
    SessionsEvicted,
    /// The first step of a login was right, and its second factor was requested.
    LoginPending,
    /// A login failed; `detail` says why.
    LoginFailed,
    /// A mail with a link or a code for a login was requested.
    LoginRequested,
    /// Too many wrong passwords have locked the login to an account for a while.
    LockedOut,
    /// An administrator has begun to act as a user; `actor` is the administrator, `detail` names the session.
    Impersonated,
    /// A login, or a refused one, could not be kept in the history; `detail` says why.
    LoginHistoryLost,
    /// A user logged out.
    LoggedOut,
    /// A session got its next tokens; `detail` names it.
    TokenRefreshed,
    /// A refresh token was refused.
    RefreshFailed,
    /// A refresh token was used a second time, and its session has ended; `detail` names it.
    TokenTheft,
    /// A refresh token was used a second time within the grace period, by a client with another network or user agent.
    /// It got the same response; `detail` names the session.
    RefreshRepeatedElsewhere,
    /// A session was ended from a list, or with all others; `detail` names it.
    SessionRevoked,
    /// All sessions of a user were ended, or all except the current one.
    SessionsRevoked,
    /// A mail to verify an address was requested.
    VerificationRequested,
    /// An address was verified.
    Verified,
    /// A token to verify an address was refused.
    VerificationFailed,
    /// A mail to reset a password was requested.
    ResetRequested,
    /// A password was reset.
    PasswordReset,
    /// A token to reset a password was refused.
    ResetFailed,
    /// A user changed their password, or an administrator set it.
    PasswordChanged,
    /// A mail to change an address was requested.
    EmailChangeRequested,
    /// An address was changed.
    EmailChanged,
    /// A token to change an address was refused.
    EmailChangeFailed,
    /// A user name was set or changed.
    UsernameChanged,
    /// A current password was required and was wrong.
    ReauthenticationFailed,
    /// A password was rehashed with the current parameters.
    PasswordRehashed,
    /// An outdated hash was not replaced, because it covers only a part of the password.
    RehashSkipped,
    /// A stored hash cannot be verified: it is damaged or unknown, or the key that it was made with is missing.
    HashUnusable,
    /// A new password could not be checked against data breaches; `detail` says why.
    BreachCheckFailed,
    /// An answer to a captcha was wrong; `detail` says for which action.
    CaptchaRefused,
    /// An answer to a captcha could not be verified; `detail` says for which action and why.
    CaptchaFailed,
    /// An account at a provider was linked to a user; `detail` names the provider.
    IdentityLinked,
    /// An account at a provider was unlinked from a user; `detail` names the provider.
    IdentityUnlinked,
    /// The owner of an address has taken over an account that had never verified it: a trusted provider has named them, or
    /// they have logged in by mail. `detail` is the provider, or `mail`.
    AccountClaimed,
    /// A sign-in through a provider failed, or a refresh of its tokens; `detail` names the provider and the reason.
    OauthFailed,
    /// Tokens of a provider could not be kept, or the provider has refused to refresh them; `detail` names the provider and
    /// the reason.
    ProviderTokensLost,
    /// The counter of a passkey was set back, so it may have been copied. The login was refused; `detail` names the
    /// passkey.
    PasskeySuspected,
    /// A user was changed; `detail` names the fields.
    Updated,
    /// A user was deleted.
    Deleted,
    /// A gate or `on_before_commit` refused an operation; `detail` says which one and with which code.
    Refused,
    /// A hook failed, panicked or exceeded the time limit; `detail` says which one and how.
    HookFailed,
    /// A notification was given up after the maximum number of attempts or a permanent failure; `detail` says which one
    /// and why.
    DeliveryFailed,
    /// A mail was not sent because the mail service does not accept the configuration, such as the password for it;
    /// `detail` says why. It concerns all mails until an operator acts.
    DeliveryMisconfigured,
    /// A second factor was added; `detail` names its kind.
    FactorAdded,
    /// A second factor was removed; `detail` names its kind.
    FactorRemoved,
    /// A recovery code was used in place of a second factor.
    RecoveryCodeUsed,
    /// An API key was made; `detail` names it.
    ApiKeyCreated,
    /// An API key was made in place of another one; `detail` names the new one.
    ApiKeyRotated,
    /// An API key was revoked; `detail` names it.
    ApiKeyRevoked,
    /// A request had an API key that is unknown, expired or revoked, or whose owner is inactive.
    ApiKeyRefused,
    /// A user who was logged in has proved themselves again and has a new session.
    SteppedUp,
    /// Sealed data of a row cannot be opened: its key is not in the secret set, or the data was changed; `detail` names
    /// kind and row.
    SealUnreadable,
}

/// The stable name, as in the serialized form: `logged_in`.
impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl EventKind {
    /// The event of a hook that has returned an error. `misconfigured` is what the error says of itself.
    pub(crate) fn of_failed_hook(misconfigured: bool) -> Self {
        if misconfigured { Self::DeliveryMisconfigured } else { Self::HookFailed }
    }

    /// Whether an operator should look at it: code of the application has failed, or a token was stolen.
    fn is_warning(self) -> bool {
        matches!(
            self,
            Self::HookFailed
                | Self::DeliveryFailed
                | Self::DeliveryMisconfigured
                | Self::HashUnusable
                | Self::BreachCheckFailed
                | Self::CaptchaFailed
                | Self::LoginHistoryLost
                | Self::SealUnreadable
                | Self::TokenTheft
                | Self::PasskeySuspected
        )
    }
}

/// Receives the events. It must not block: pass them to a channel or a logger.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use usermgr::{audit::{AuditSink, Event}, prelude::*};
///
/// struct Trail(Sender<Event>);
///
/// impl AuditSink for Trail {
///     fn record(&self, event: &Event) {
///         // The receiver is gone: the trail ends, and the service continues.
///         let _ = self.0.send(event.clone());
///     }
/// }
///
/// let (send, _trail) = channel();
/// let engine = Engine::builder(MemoryStore::<NoProfile>::new()).audit(Trail(send)).build()?;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub trait AuditSink: Send + Sync + 'static {
    /// Receives one event.
    fn record(&self, event: &Event);
}

/// The default sink: `tracing`, target `usermgr`. The level is `INFO`, and `WARN` for events that an operator should
/// look at: a failed hook, delivery or check, a hash that cannot be verified, a stolen token. Kinds use their stable names.
/// Texts are values of their own, which `tracing-subscriber` quotes and escapes in lines and in JSON, so that a client
/// cannot forge a line. Unknown values are left out. A custom sink can pass its events to this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingSink;

impl AuditSink for TracingSink {
    fn record(&self, event: &Event) {
        macro_rules! write {
            ($level:ident) => {
                tracing::event!(
                    target: "usermgr",
                    Level::$level,
                    at = %event.at,
                    kind = %event.kind,
                    user = event.user.as_deref(),
                    actor = event.actor.as_deref(),
                    realm = event.realm.as_deref(),
                    ip = event.ip.map(display),
                    request_id = event.request_id.as_deref(),
                    detail = event.detail.as_deref(),
                )
            };
        }
        if event.kind.is_warning() { write!(WARN) } else { write!(INFO) }
    }
}

/// The sink of an engine, and how often each kind of event went to it.
pub(crate) struct Trail {
    sink: Box<dyn AuditSink>,
    /// What events get.
    realm: Realm,
    counts: [AtomicU64; EventKind::ALL.len()],
}

impl Trail {
    pub(crate) fn new(sink: impl AuditSink, realm: Realm) -> Self {
        Self { sink: Box::new(sink), realm, counts: [const { AtomicU64::new(0) }; EventKind::ALL.len()] }
    }

    /// Counts an event and passes it to the sink.
    pub(crate) fn record(&self, event: Event) {
        self.counts[event.kind as usize].fetch_add(1, Relaxed);
        self.sink.record(&Event { realm: self.realm.name().map(str::to_owned), ..event });
    }

    /// Returns how often each kind was raised.
    pub(crate) fn counts(&self) -> Vec<(EventKind, u64)> {
        EventKind::ALL.iter().copied().zip(self.counts.iter().map(|count| count.load(Relaxed))).collect()
    }
}

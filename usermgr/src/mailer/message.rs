//! Messages to users. The provided hooks pass them to the engine's messenger.

use std::fmt;

use super::LoginMail;
use crate::{
    context::Context,
    error::{HookError, HookFuture},
    store::{ApiKeyInfo, FactorInfo, Identity, UserOf, UserStore},
    token::{ChangeEmailToken, InvitationToken, Purpose, ResetToken, Token, VerifyToken},
    user::EmailAddress,
};

/// A message to a user. The provided hooks pass messages to the engine's [`Messenger`]. A custom hook replaces the
/// message of the provided one. It can still send that message by [`Engine::send`](crate::Engine::send).
///
/// Later versions may add messages. A messenger ignores a message that it does not know, or refuses it by
/// [`HookError::permanent`].
#[non_exhaustive]
pub enum Message<'a, S: UserStore> {
    /// A token that verifies the user's address. Sent by `on_after_request_verify`.
    Verify {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The token.
        token: &'a VerifyToken,
    },
    /// A token that resets the password. Sent by `on_after_forgot_password`.
    Reset {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The token.
        token: &'a ResetToken,
    },
    /// A token that accepts an invitation. Sent by `on_after_invite`.
    Invitation {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The token.
        token: &'a InvitationToken,
    },
    /// A link, a code or both, for a login. Sent by `on_after_request_login`.
    Login {
        /// The recipient.
        user: &'a UserOf<S>,
        /// What the mail contains.
        mail: &'a LoginMail,
    },
    /// A token that proves a new address. Sent by `on_after_request_email_change`.
    ChangeEmail {
        /// The user, who still has the old address.
        user: &'a UserOf<S>,
        /// The recipient's address.
        new: &'a EmailAddress,
        /// The token.
        token: &'a ChangeEmailToken,
    },
    /// The address was registered again. Sent by `on_after_duplicate_register`.
    AlreadyRegistered {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// The password was changed or reset. Sent by `on_after_change_password` and `on_after_reset_password`.
    PasswordChanged {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// The address has changed. Sent by `on_after_change_email`.
    EmailChanged {
        /// The user, who has the new address.
        user: &'a UserOf<S>,
        /// The recipient's address.
        old: &'a EmailAddress,
    },
    /// The user name was set or changed. Sent by `on_after_change_username`.
    UsernameChanged {
        /// The recipient, who has the new user name.
        user: &'a UserOf<S>,
    },
    /// A refresh token was used a second time, and its session has ended. Sent by `on_after_token_theft`.
    TokenTheft {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// An administrator acts as the user. Sent by `on_after_impersonate`, unless
    /// [`Impersonation::notify_user`](crate::impersonation::Impersonation::notify_user) is off.
    Impersonated {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// Too many wrong passwords have locked the login. Sent by `on_after_lockout`, and only with
    /// [`EngineBuilder::lockout_messages`](crate::engine::EngineBuilder::lockout_messages).
    LockedOut {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// An account at a provider was linked, which is a new way in. Sent by `on_after_link`.
    IdentityLinked {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The account at the provider.
        identity: &'a Identity,
    },
    /// An account at a provider was unlinked. Sent by `on_after_unlink`.
    IdentityUnlinked {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The account at the provider.
        identity: &'a Identity,
    },
    /// A second factor was added, or recovery codes were made. Sent by `on_after_add_factor`.
    FactorAdded {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The factor.
        factor: &'a FactorInfo,
    },
    /// A second factor was removed. Sent by `on_after_remove_factor`.
    FactorRemoved {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The factor.
        factor: &'a FactorInfo,
    },
    /// An API key was made. Sent by `on_after_create_api_key`.
    ApiKeyCreated {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The key, without its secret text.
        key: &'a ApiKeyInfo,
    },
    /// The password of a login was right and the second factor was wrong. Sent by `on_after_failed_second_factor`.
    SecondFactorFailed {
        /// The recipient.
        user: &'a UserOf<S>,
    },
    /// A recovery code was used. Sent by `on_after_use_recovery_code`.
    RecoveryCodeUsed {
        /// The recipient.
        user: &'a UserOf<S>,
        /// The recovery codes, with how many are left.
        codes: &'a FactorInfo,
    },
}

impl<'a, S: UserStore> Message<'a, S> {
    /// Returns the stable name: `verify`, `reset`, `invitation`, `login`, `change_email`, `already_registered`,
    /// `password_changed`, `email_changed`, `username_changed`, `token_theft`, `impersonated`, `locked_out`, `identity_linked`,
    /// `identity_unlinked`, `factor_added`, `factor_removed`, `api_key_created`, `second_factor_failed` or
    /// `recovery_code_used`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Reset { .. } => "reset",
            Self::Invitation { .. } => "invitation",
            Self::Login { .. } => "login",
            Self::ChangeEmail { .. } => "change_email",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::PasswordChanged { .. } => "password_changed",
            Self::EmailChanged { .. } => "email_changed",
            Self::UsernameChanged { .. } => "username_changed",
            Self::TokenTheft { .. } => "token_theft",
            Self::Impersonated { .. } => "impersonated",
            Self::LockedOut { .. } => "locked_out",
            Self::IdentityLinked { .. } => "identity_linked",
            Self::IdentityUnlinked { .. } => "identity_unlinked",
            Self::FactorAdded { .. } => "factor_added",
            Self::FactorRemoved { .. } => "factor_removed",
            Self::ApiKeyCreated { .. } => "api_key_created",
            Self::SecondFactorFailed { .. } => "second_factor_failed",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
        }
    }

    /// Returns the user of the account that the message is about.
    pub fn user(&self) -> &'a UserOf<S> {
        match self {
            Self::Verify { user, .. }
            | Self::Reset { user, .. }
            | Self::Invitation { user, .. }
            | Self::Login { user, .. }
            | Self::ChangeEmail { user, .. }
            | Self::AlreadyRegistered { user }
            | Self::PasswordChanged { user }
            | Self::EmailChanged { user, .. }
            | Self::UsernameChanged { user }
            | Self::TokenTheft { user }
            | Self::Impersonated { user }
            | Self::LockedOut { user }
            | Self::IdentityLinked { user, .. }
            | Self::IdentityUnlinked { user, .. }
            | Self::FactorAdded { user, .. }
            | Self::FactorRemoved { user, .. }
            | Self::ApiKeyCreated { user, .. }
            | Self::SecondFactorFailed { user }
            | Self::RecoveryCodeUsed { user, .. } => user,
        }
    }

    /// Returns the recipient's address: the new one, the old one, or the user's.
    pub fn recipient(&self) -> &'a EmailAddress {
        match self {
            Self::ChangeEmail { new, .. } => new,
            Self::EmailChanged { old, .. } => old,
            _ => &self.user().email,
        }
    }

    /// Returns the text of the token, if the message has one.
    pub fn token(&self) -> Option<&'a str> {
        match self {
            Self::Verify { token, .. } => Some(token.expose()),
            Self::Reset { token, .. } => Some(token.expose()),
            Self::Invitation { token, .. } => Some(token.expose()),
            Self::ChangeEmail { token, .. } => Some(token.expose()),
            Self::Login { mail, .. } => mail.link_token.as_ref().map(Token::expose),
            _ => None,
        }
    }

    /// Returns the code to type, if the message has one.
    pub fn code(&self) -> Option<&'a str> {
        match self {
            Self::Login { mail, .. } => mail.code.as_ref().map(Token::expose),
            _ => None,
        }
    }

    pub(crate) fn to_owned(&self) -> OwnedMessage<S> {
        let kind = match self {
            Self::Verify { token, .. } => Kind::Verify(copy(token)),
            Self::Reset { token, .. } => Kind::Reset(copy(token)),
            Self::Invitation { token, .. } => Kind::Invitation(copy(token)),
            Self::Login { mail, .. } => Kind::Login(LoginMail::clone(mail)),
            Self::ChangeEmail { new, token, .. } => Kind::ChangeEmail(EmailAddress::clone(new), copy(token)),
            Self::AlreadyRegistered { .. } => Kind::AlreadyRegistered,
            Self::PasswordChanged { .. } => Kind::PasswordChanged,
            Self::EmailChanged { old, .. } => Kind::EmailChanged(EmailAddress::clone(old)),
            Self::UsernameChanged { .. } => Kind::UsernameChanged,
            Self::TokenTheft { .. } => Kind::TokenTheft,
            Self::Impersonated { .. } => Kind::Impersonated,
            Self::LockedOut { .. } => Kind::LockedOut,
            Self::IdentityLinked { identity, .. } => Kind::IdentityLinked(Identity::clone(identity)),
            Self::IdentityUnlinked { identity, .. } => Kind::IdentityUnlinked(Identity::clone(identity)),
            Self::FactorAdded { factor, .. } => Kind::FactorAdded(FactorInfo::clone(factor)),
            Self::FactorRemoved { factor, .. } => Kind::FactorRemoved(FactorInfo::clone(factor)),
            Self::ApiKeyCreated { key, .. } => Kind::ApiKeyCreated(ApiKeyInfo::clone(key)),
            Self::SecondFactorFailed { .. } => Kind::SecondFactorFailed,
            Self::RecoveryCodeUsed { codes, .. } => Kind::RecoveryCodeUsed(FactorInfo::clone(codes)),
        };
        OwnedMessage { user: self.user().clone(), kind }
    }
}

/// Shows the name and the user's id, but no token.
impl<S: UserStore> fmt::Debug for Message<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("name", &self.name()).field("user", &self.user().id).finish_non_exhaustive()
    }
}

fn copy<P: Purpose>(token: &Token<P>) -> Token<P> {
    Token::from(token.expose())
}

/// A message that outlives the hook that created it.
pub(crate) struct OwnedMessage<S: UserStore> {
    user: UserOf<S>,
    kind: Kind,
}

enum Kind {
    Verify(VerifyToken),
    Reset(ResetToken),
    Invitation(InvitationToken),
    Login(LoginMail),
    ChangeEmail(EmailAddress, ChangeEmailToken),
    AlreadyRegistered,
    PasswordChanged,
    EmailChanged(EmailAddress),
    UsernameChanged,
    TokenTheft,
    Impersonated,
    LockedOut,
    IdentityLinked(Identity),
    IdentityUnlinked(Identity),
    FactorAdded(FactorInfo),
    FactorRemoved(FactorInfo),
    ApiKeyCreated(ApiKeyInfo),
    SecondFactorFailed,
    RecoveryCodeUsed(FactorInfo),
}

impl<S: UserStore> OwnedMessage<S> {
    pub(crate) fn message(&self) -> Message<'_, S> {
        let user = &self.user;
        match &self.kind {
            Kind::Verify(token) => Message::Verify { user, token },
            Kind::Reset(token) => Message::Reset { user, token },
            Kind::Invitation(token) => Message::Invitation { user, token },
            Kind::Login(mail) => Message::Login { user, mail },
            Kind::ChangeEmail(new, token) => Message::ChangeEmail { user, new, token },
            Kind::AlreadyRegistered => Message::AlreadyRegistered { user },
            Kind::PasswordChanged => Message::PasswordChanged { user },
            Kind::EmailChanged(old) => Message::EmailChanged { user, old },
            Kind::UsernameChanged => Message::UsernameChanged { user },
            Kind::TokenTheft => Message::TokenTheft { user },
            Kind::Impersonated => Message::Impersonated { user },
            Kind::LockedOut => Message::LockedOut { user },
            Kind::IdentityLinked(identity) => Message::IdentityLinked { user, identity },
            Kind::IdentityUnlinked(identity) => Message::IdentityUnlinked { user, identity },
            Kind::FactorAdded(factor) => Message::FactorAdded { user, factor },
            Kind::FactorRemoved(factor) => Message::FactorRemoved { user, factor },
            Kind::ApiKeyCreated(key) => Message::ApiKeyCreated { user, key },
            Kind::SecondFactorFailed => Message::SecondFactorFailed { user },
            Kind::RecoveryCodeUsed(codes) => Message::RecoveryCodeUsed { user, codes },
        }
    }
}

/// Sends messages to users. [`EngineBuilder::messenger`](crate::engine::EngineBuilder::messenger) sets it. With a
/// messenger, a manager without custom hooks notifies its users of everything that they must know. Without one, only
/// the application's hooks can notify them, as in FastAPI Users.
///
/// With an outbox, a message is sent when its row is delivered, and a failed attempt is retried. The context then has
/// the [`DeliveryAttempt`](crate::engine::DeliveryAttempt). Without an outbox a message is sent once, in the
/// background. This is also true of [`Message::TokenTheft`], [`Message::Impersonated`], [`Message::LockedOut`], [`Message::IdentityLinked`] and
/// [`Message::IdentityUnlinked`] with an outbox.
/// [`Engine::settle`](crate::Engine::settle) waits for messages in the background.
///
/// ```
/// use usermgr::{error::HookFuture, Mail, Mailer, mail::{Message, Messenger}, prelude::*};
///
/// /// Mails what has a token, and nothing else.
/// struct Mails<M>(M);
///
/// impl<S: UserStore, M: Mailer> Messenger<S> for Mails<M> {
///     fn send<'a>(&'a self, message: Message<'a, S>, _: &'a Context) -> HookFuture<'a, HookError> {
///         let (path, token) = match &message {
///             Message::Verify { token, .. } => ("verify", token.expose()),
///             Message::Reset { token, .. } => ("reset", token.expose()),
///             Message::ChangeEmail { token, .. } => ("address", token.expose()),
///             _ => return Box::pin(async { Ok(()) }),
///         };
///         let mail = Mail::to(message.recipient()).subject("Shop").text(format!("https://shop.example/{path}#{token}"));
///         Box::pin(async move { Ok(self.0.send(mail).await?) })
///     }
/// }
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mailbox = usermgr::testing::Mailbox::default();
/// let engine = Engine::builder(MemoryStore::new())
///     .backend(Backend::bearer("bearer", Database::new()))
///     .messenger(Mails(mailbox.clone()))
///     .build()?;
/// let accounts = Accounts { engine };
/// accounts.register(Register::new("ada@example.com", "correct horse battery"), &Context::default()).await?;
/// accounts.engine.settle().await;
/// assert!(mailbox.all()[0].text.starts_with("https://shop.example/verify#"));
/// # Ok(()) }
/// ```
pub trait Messenger<S: UserStore>: Send + Sync + 'static {
    /// Sends a message.
    ///
    /// # Errors
    /// [`HookError`] if the message could not be sent. [`HookError::permanent`] if a retry would fail too.
    fn send<'a>(&'a self, message: Message<'a, S>, cx: &'a Context) -> HookFuture<'a, HookError>;
}

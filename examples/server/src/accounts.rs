//! The manager of the server: its hooks send mails or write them to the file for development, and its policy has a configurable length.

mod mail;
pub(crate) mod permissions;
mod secrets;

use std::{sync::Arc, time::Duration};

use usermgr::{
    ConfigError, Fault, HookError, Limits,
    engine::{Answers, LoginHistory},
    limits::CounterStore,
    mail::{Mails, Message},
    passkeys::{Passkeys, WebauthnRs},
    password::{Argon2id, Breaches, Policy},
    prelude::*,
    store::{CredentialStore, Directory, HistoryStore, Import, OutboxStore, SessionStore},
    user::EmailRules,
};
use uuid::Uuid;

use self::{mail::MailFile, secrets::Secrets};
use crate::{
    audit::Trail,
    options::{HowMuch, Options, Switch},
};

/// What the server requires of any store.
pub(crate) trait Store:
    UserStore<Profile = NoProfile, Id = Uuid>
    + SessionStore
    + Directory
    + Import
    + CredentialStore
    + OutboxStore
    + HistoryStore
    + Clone
{
}

impl<S> Store for S where
    S: UserStore<Profile = NoProfile, Id = Uuid>
        + SessionStore
        + Directory
        + Import
        + CredentialStore
        + OutboxStore
        + HistoryStore
        + Clone
{
}

/// What the options require of a new address.
pub(crate) fn email_rules(options: &Options) -> EmailRules {
    options.allow_special_domain.iter().fold(EmailRules::new().international(true), EmailRules::allow_domain)
}

/// The hasher of new passwords, which verifies imported hashes too.
pub(crate) fn hasher(options: &Options) -> Argon2id {
    let hasher = Argon2id::new(options.argon2.params).legacy_hashes(true);
    let accepted = options.previous_pepper.iter().map(|pepper| pepper.0.clone());
    let hasher = accepted.fold(hasher, Argon2id::accepts_pepper);
    match &options.pepper {
        Some(pepper) => hasher.pepper(pepper.0.clone()),
        None => hasher,
    }
}

/// Passkeys, if the options name their relying party.
fn passkeys(options: &Options) -> Result<Option<Passkeys>, ConfigError> {
    let Some(rp_id) = &options.passkeys else { return Ok(None) };
    // Browsers use no passkeys on a page whose host is an address.
    let local = || format!("http://localhost:{}", options.listen.port());
    let origin = options.base_url.as_ref().map_or_else(local, |url| url.0.clone());
    Ok(Some(Passkeys::new(WebauthnRs::new(rp_id, [origin])?)))
}

/// The users of this server.
pub(crate) struct Accounts<S> {
    engine: Engine<S>,
    secrets: Secrets,
    policy: Policy,
    mails: Mails,
    file: Option<MailFile>,
}

impl<S: Store> Accounts<S> {
    /// Builds the manager from the options.
    ///
    /// # Errors
    /// The mail file cannot be opened, there is no secret, or cookies would be insecure on a real address.
    pub(crate) fn new(
        options: &Options,
        store: S,
        counters: Arc<dyn CounterStore>,
        trail: Trail,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let secrets = Secrets::of(options)?;
        let mut cookie = CookieOptions::default().name(options.cookie_name.clone());
        if options.cookie_insecure {
            if !options.listen.ip().is_loopback() {
                return Err("--cookie-insecure is for loopback addresses only".into());
            }
            cookie = cookie.dangerous_insecure();
        }
        let engine = Engine::builder(store)
            .backend(Backend::bearer("jwt", Jwt::new().with_refresh(Refresh::new())))
            .backend(Backend::cookie("cookie", cookie, Database::new()));
        let engine = options.allow_origin.iter().fold(engine, |engine, origin| engine.allow_origin(origin));
        let engine = engine.trusted_proxies(options.trusted_proxies).reads_forwarded(options.reads_forwarded);
        let engine = engine.email_rules(email_rules(options));
        let engine = match options.limits {
            Switch::On => engine.counters(counters),
            Switch::Off => engine.limits(Limits::dangerous_none()),
        };
        let engine = match options.cache {
            Switch::On => engine.cache(usermgr::http::PrincipalCache::default()),
            Switch::Off => engine,
        };
        let (answers, discreet) = match options.answers {
            HowMuch::Explicit => (Answers::Explicit, false),
            HowMuch::Discreet => (Answers::Discreet, true),
        };
        let engine = engine.hasher(hasher(options)).audit(trail).outbox().answers(answers);
        let engine = match &options.breaches {
            Some(folder) => engine.with(Breaches::folder(folder)),
            None => engine,
        };
        let mails = options.post.mails(options)?;
        mails.check()?;
        let engine = match options.post.sends() {
            true => engine.with(mails.clone()),
            // Writing a mail to a file takes less than a minute, so that a killed server's rows are delivered soon after the next start.
            false => engine.delivery_timeout(Duration::from_secs(10)),
        };
        let engine = engine.require_verified(options.require_verified || discreet);
        let engine = engine.prove_new_addresses(options.prove_emails);
        let engine = match options.providers.part(options) {
            Some(oauth) => engine.with(oauth),
            None => engine,
        };
        let engine = match passkeys(options)? {
            Some(passkeys) => engine.with(passkeys),
            None => engine,
        };
        let engine = match options.factors.totp() {
            Some(totp) => engine.with(totp),
            None => engine,
        };
        let engine = match options.factors.demand() {
            Some(demand) => engine.with(demand),
            None => engine,
        };
        let engine = if options.mail_login { engine.with(MailLogin::new()) } else { engine };
        let engine = match &options.api_keys {
            Some(prefix) => engine.with(ApiKeys::new(prefix)),
            None => engine,
        };
        let engine = engine.closed_registration(options.invite_only).with(Invitations::new());
        let engine = if options.impersonation { engine.with(Impersonation::new()) } else { engine };
        let engine = if options.login_history { engine.with(LoginHistory::new()) } else { engine };
        let engine = if options.usernames { engine.with(Usernames::new()) } else { engine };
        let engine = match options.post.pages(options) {
            Some(pages) => engine.with(pages),
            None => engine,
        };
        let engine = engine.build()?;
        let file = options.mail_file.as_deref().map(MailFile::open).transpose()?;
        Ok(Self { engine, secrets, policy: Policy::default().min_length(options.min_password), mails, file })
    }

    /// The engine, for what is not an operation.
    pub(crate) fn engine(&self) -> &Engine<S> {
        &self.engine
    }

    /// Whether mails go anywhere.
    pub(crate) fn has_mail(&self) -> bool {
        self.file.is_some() || self.sends()
    }

    /// Whether mails are sent.
    fn sends(&self) -> bool {
        self.engine.has_part("mails")
    }

    /// Delivers what is due, for a command: a server that would do it may not be running. Without a place for mails they wait for one.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn deliver_here(&self) -> Result<(), Fault> {
        if self.has_mail() {
            self.deliver_due().await?;
        }
        Ok(())
    }

    /// Writes the mail of a message to the file, if there is one, and sends it, if there is a mail server.
    async fn mail(&self, event: &str, message: Message<'_, S>, cx: &Context) -> Result<(), HookError> {
        if let Some(file) = &self.file {
            let mail = self.mails.compose(&message, cx)?;
            file.append(event, message.recipient(), (message.token(), message.code()), mail.as_ref())?;
        }
        self.engine.send(message, cx).await
    }
}

#[user_manager(store = S, secret = self.secrets.root, data_secret = self.secrets.data)]
impl<S: Store> Accounts<S> {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_>,
    ) -> Result<(), InvalidPassword> {
        self.policy.check(password, subject)
    }

    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        if let Some(file) = &self.file {
            file.append("register", &user.email, (None, None), None)?;
        }
        if self.sends() && user.is_active && !user.is_verified {
            self.request_verify(user, cx).await?;
        }
        Ok(())
    }

    async fn on_after_duplicate_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.mail("duplicate_register", Message::AlreadyRegistered { user }, cx).await
    }

    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken, cx: &Context) -> Result<(), HookError> {
        self.mail("verify", Message::Verify { user, token }, cx).await
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken, cx: &Context) -> Result<(), HookError> {
        self.mail("forgot", Message::Reset { user, token }, cx).await
    }

    async fn on_after_invite(&self, user: &User, token: &InvitationToken, cx: &Context) -> Result<(), HookError> {
        self.mail("invite", Message::Invitation { user, token }, cx).await
    }

    async fn on_after_request_login(&self, user: &User, mail: &LoginMail, cx: &Context) -> Result<(), HookError> {
        self.mail("login", Message::Login { user, mail }, cx).await
    }

    async fn on_after_reset_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.mail("reset", Message::PasswordChanged { user }, cx).await
    }

    async fn on_after_change_password(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.mail("change_password", Message::PasswordChanged { user }, cx).await
    }

    async fn on_after_create_api_key(&self, user: &User, key: &ApiKeyInfo, cx: &Context) -> Result<(), HookError> {
        self.mail("api_key_created", Message::ApiKeyCreated { user, key }, cx).await
    }

    async fn on_after_impersonate(&self, user: &User, _: &SessionInfo, cx: &Context) -> Result<(), HookError> {
        self.mail("impersonated", Message::Impersonated { user }, cx).await
    }

    async fn on_after_token_theft(&self, user: &User, _: &TokenTheft, cx: &Context) -> Result<(), HookError> {
        self.mail("token_theft", Message::TokenTheft { user }, cx).await
    }

    async fn on_after_request_email_change(
        &self,
        user: &User,
        new: &EmailAddress,
        token: &ChangeEmailToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        self.mail("change_email", Message::ChangeEmail { user, new, token }, cx).await
    }

    async fn on_after_change_email(&self, user: &User, old: &EmailAddress, cx: &Context) -> Result<(), HookError> {
        self.mail("email_changed", Message::EmailChanged { user, old }, cx).await
    }

    async fn on_after_change_username(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        self.mail("username_changed", Message::UsernameChanged { user }, cx).await
    }
}

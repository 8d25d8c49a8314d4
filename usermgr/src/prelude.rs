//! What an application imports: `use usermgr::prelude::*;`.

pub use crate::{
    Backend, Change, ChangeEmailToken, Changes, Context, CookieOptions, Credentials, Database, Draft, EmailAddress,
    Engine, HookError, InvalidPassword, Jwt, Login, Mail, Mailer, MemoryStore, NewUser, NoProfile, Password, Profile,
    Refresh, Register, Rejection, ResetToken, Secret, SecretSet, SessionInfo, Tx, UpdateMe, User, UserChange,
    UserManager, UserOf, UserStore, VerifyToken,
    admin::Admin,
    api_keys::{ApiKeys, NewApiKey},
    engine::Usernames,
    impersonation::Impersonation,
    invitations::Invitations,
    mail::LoginMail,
    mail_login::{MailLogin, MailProof},
    permissions::{Permission, Permissions, Permits, RoleSet, Roles},
    session::{FailedLogin, Lockout, TokenTheft},
    slices::index::*,
    store::{ApiKeyInfo, FactorInfo, Identity},
    token::{InvitationToken, MagicLinkToken},
    user::OAuthClaims,
    user::PasswordSubject,
    user_manager,
};

#[cfg(feature = "mysql")]
pub use crate::MysqlStore;
#[cfg(feature = "postgres")]
pub use crate::PgStore;
#[cfg(feature = "sqlite")]
pub use crate::SqliteStore;

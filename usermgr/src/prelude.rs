//! What an application imports: `use usermgr::prelude::*;`.

pub use crate::{
    ApiKeys, Backend, Change, ChangeEmailToken, Changes, Context, CookieOptions, Credentials, Database, Draft,
    EmailAddress, Engine, FailedLogin, HookError, Impersonation, InvalidPassword, InvitationToken, Invitations, Jwt,
    Lockout, Login, LoginMail, MagicLinkToken, Mail, MailLogin, MailProof, Mailer, MemoryStore, NewUser, NoProfile,
    Password, Profile, Refresh, Register, Rejection, ResetToken, Secret, SecretSet, SessionInfo, TokenTheft, Tx,
    UpdateMe, User, UserChange, UserManager, UserOf, UserStore, Usernames, VerifyToken,
    admin::Admin,
    api_key::NewApiKey,
    permissions::{Permission, Permissions, Permits, RoleSet, Roles},
    slices::index::*,
    store::{ApiKeyInfo, FactorInfo, Identity},
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

//! What a user is: [`User`] with its fixed fields, typed profile and typed id, and the newtypes of those fields. The [`Record`]
//! beside it carries what must never leave the server.

mod changes;
mod draft;
mod email;
mod id;
mod password;
mod payload;
mod present;
mod profile;
mod record;
mod shown;
mod stored;
mod user_change;

use jiff::Timestamp;
use uuid::Uuid;

pub use changes::{Change, Changes};
pub use draft::{Draft, PasswordSubject};
pub(crate) use email::folded;
pub use email::{EmailAddress, EmailRules, InvalidEmail};
pub use id::UserId;
pub use password::{Password, PasswordHash, PasswordTooLong};
pub use payload::{AdminUpdate, Credentials, NewUser, Register, UpdateMe};
pub use present::present;
pub use profile::{NoProfile, Profile};
pub use record::{NewRecord, Record, Stamp};
pub use stored::{InvalidProfile, StoredProfile};
#[cfg(feature = "http")]
pub(crate) use stored::{PRIVATE, Step, missing_field, place};
pub use user_change::UserChange;

/// The names that are never those of a profile's fields.
pub(crate) const FIXED: [&str; 11] = [
    "id",
    "email",
    "password",
    "current_password",
    "hashed_password",
    "password_hash",
    "is_active",
    "is_superuser",
    "is_verified",
    "created_at",
    "profile",
];

/// A user as the application and its clients see it: the fixed fields, the application's profile `P`, an id of type `I`.
///
/// It serialises flat, the profile's fields beside the fixed ones but for those that are [hidden](Profile::HIDDEN), and holds no secret. The first six fields are the read schema
/// of FastAPI Users.
///
/// ```
/// # use usermgr::{User, NoProfile, EmailAddress};
/// let user: User = User {
///     id: "018f2d9c-0000-7000-8000-000000000001".parse()?,
///     email: EmailAddress::parse("ada@example.com")?,
///     is_active: true,
///     is_superuser: false,
///     is_verified: false,
///     created_at: "2026-01-01T00:00:00Z".parse()?,
///     profile: NoProfile,
/// };
/// assert_eq!(serde_json::to_value(&user)?["email"], "ada@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User<P = NoProfile, I = Uuid> {
    /// The id, made by the library or the database; never used again after deletion.
    pub id: I,
    /// The address as the user wrote it. It is unique by its canonical form.
    pub email: EmailAddress,
    /// An inactive user cannot log in, and their live tokens are refused.
    pub is_active: bool,
    /// May administer all users.
    pub is_superuser: bool,
    /// Has proved that the address is theirs.
    pub is_verified: bool,
    /// When the user was created (UTC).
    pub created_at: Timestamp,
    /// The application's own fields.
    pub profile: P,
}

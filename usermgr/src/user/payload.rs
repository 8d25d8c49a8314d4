//! The input types of operations. The public ones have no field for a privileged flag, so that a request cannot set
//! one. The privileged ones are separate types.

use std::fmt;

use serde::Deserialize;

use super::present::present;
use super::{NoProfile, Password, Profile};

/// A registration: the input that any client may send.
///
/// ```
/// use usermgr::Register;
/// let register: Register = serde_json::from_str(r#"{"email": "ada@example.com", "password": "correct horse battery", "is_superuser": true}"#)?;
/// assert_eq!(register.email, "ada@example.com");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(bound = "")]
#[non_exhaustive]
pub struct Register<P: Profile = NoProfile> {
    /// The address as the user typed it. The operation validates it.
    pub email: String,
    /// The user name as the user typed it. The operation validates it. `Deserialize` does not read it, because a profile may
    /// have a field of this name; the routes of an engine with the part [`Usernames`](crate::engine::Usernames) do.
    #[serde(skip)]
    pub username: Option<String>,
    /// The password in plain text.
    pub password: Password,
    /// The fields of the profile.
    #[serde(flatten)]
    pub profile: P::Register,
}

impl<P: Profile> Register<P> {
    /// Creates a registration of a user without a profile.
    ///
    /// ```compile_fail,E0277
    /// # use serde::{Deserialize, Serialize};
    /// # use usermgr::{Profile, Register};
    /// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
    /// struct Member { name: String }
    ///
    /// // "a registration of this user needs the fields of the profile"
    /// let register: Register<Member> = Register::new("ada@example.com", "correct horse battery");
    /// ```
    pub fn new(email: impl Into<String>, password: impl Into<Password>) -> Self
    where
        P::Register: NoFields,
    {
        Self::with_profile(email, password, P::Register::none())
    }

    /// Creates a registration with the fields of the profile. `#[derive(Profile)]` names their type.
    ///
    /// ```
    /// # use serde::{Deserialize, Serialize};
    /// use usermgr::{Profile, Register};
    ///
    /// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
    /// struct Member { name: String }
    ///
    /// let ada = MemberRegister { name: "Ada".to_owned() };
    /// let register: Register<Member> = Register::with_profile("ada@example.com", "correct horse battery", ada);
    /// assert_eq!(register.profile.name, "Ada");
    /// ```
    pub fn with_profile(email: impl Into<String>, password: impl Into<Password>, profile: P::Register) -> Self {
        Self { email: email.into(), username: None, password: password.into(), profile }
    }

    /// Sets the user name, with the part [`Usernames`](crate::engine::Usernames).
    ///
    /// ```
    /// use usermgr::Register;
    /// let register: Register = Register::new("ada@example.com", "correct horse battery").username("ada");
    /// assert_eq!(register.username.as_deref(), Some("ada"));
    /// ```
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }
}

/// The input of a profile without fields, which [`Register::new`] fills in.
#[diagnostic::on_unimplemented(
    message = "a registration of this user needs the fields of the profile",
    label = "`{Self}` is missing",
    note = "write `Register::with_profile(email, password, ..)`"
)]
pub trait NoFields: sealed::Sealed {
    #[doc(hidden)]
    fn none() -> Self;
}

impl NoFields for NoProfile {
    fn none() -> Self {
        Self
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoProfile {}
}

impl<P: Profile> fmt::Debug for Register<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register").field("email", &self.email).finish_non_exhaustive()
    }
}

/// The changes that a user may make to their own account. `None` leaves a field unchanged. In JSON, `null` is refused
/// except for the passwords.
///
/// ```
/// use usermgr::UpdateMe;
/// let update: UpdateMe = UpdateMe::default().email("countess@example.com").current_password("correct horse battery");
/// # let _ = update;
/// ```
#[derive(Deserialize)]
#[serde(bound = "")]
#[non_exhaustive]
pub struct UpdateMe<P: Profile = NoProfile> {
    /// A new address. The account becomes unverified.
    #[serde(default, deserialize_with = "present")]
    pub email: Option<String>,
    /// A new user name, with the part [`Usernames`](crate::engine::Usernames). It needs a fresh login or the current password.
    /// `Deserialize` does not read it, as in [`Register`].
    #[serde(skip)]
    pub username: Option<String>,
    /// A new password. It needs a fresh login or the current password.
    #[serde(default)]
    pub password: Option<Password>,
    /// The current password, which proves that the user makes the request. It is needed if the login is not fresh.
    #[serde(default)]
    pub current_password: Option<Password>,
    /// The fields of the profile.
    #[serde(flatten)]
    pub profile: P::Update,
}

/// A change without any field.
impl<P: Profile<Update: Default>> Default for UpdateMe<P> {
    fn default() -> Self {
        Self::with_profile(P::Update::default())
    }
}

impl<P: Profile> UpdateMe<P> {
    /// Creates a change of the profile alone. `#[derive(Profile)]` names the type of its fields.
    pub fn with_profile(profile: P::Update) -> Self {
        Self { email: None, username: None, password: None, current_password: None, profile }
    }

    /// Sets a new address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets a new user name.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets a new password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Password>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets the current password.
    #[must_use]
    pub fn current_password(mut self, password: impl Into<Password>) -> Self {
        self.current_password = Some(password.into());
        self
    }
}

/// The changes that a superuser may make to any account. `None` leaves a field unchanged.
///
/// ```
/// use usermgr::user::AdminUpdate;
/// let update: AdminUpdate = AdminUpdate::default().email("countess@example.com").verified(true);
/// assert_eq!(update.is_verified, Some(true));
/// ```
#[derive(Deserialize)]
#[serde(bound = "")]
#[non_exhaustive]
pub struct AdminUpdate<P: Profile = NoProfile> {
    /// A new address. The account becomes unverified unless `is_verified` is set too.
    #[serde(default, deserialize_with = "present")]
    pub email: Option<String>,
    /// A new user name, which may be a reserved one. `Deserialize` does not read it, as in [`Register`].
    #[serde(skip)]
    pub username: Option<String>,
    /// A new password. The event says who set it. An engine can [refuse
    /// it](crate::engine::EngineBuilder::superusers_set_passwords).
    #[serde(default)]
    pub password: Option<Password>,
    /// See [`User::is_active`](crate::User::is_active).
    #[serde(default, deserialize_with = "present")]
    pub is_active: Option<bool>,
    /// See [`User::is_superuser`](crate::User::is_superuser).
    #[serde(default, deserialize_with = "present")]
    pub is_superuser: Option<bool>,
    /// See [`User::is_verified`](crate::User::is_verified).
    #[serde(default, deserialize_with = "present")]
    pub is_verified: Option<bool>,
    /// The fields of the profile, also those that only superusers set.
    #[serde(flatten)]
    pub profile: P::AdminUpdate,
}

/// A change without any field.
impl<P: Profile<AdminUpdate: Default>> Default for AdminUpdate<P> {
    fn default() -> Self {
        Self::with_profile(P::AdminUpdate::default())
    }
}

impl<P: Profile> AdminUpdate<P> {
    /// Creates a change of the profile alone. `#[derive(Profile)]` names the type of its fields.
    pub fn with_profile(profile: P::AdminUpdate) -> Self {
        Self {
            email: None,
            username: None,
            password: None,
            is_active: None,
            is_superuser: None,
            is_verified: None,
            profile,
        }
    }

    /// Sets a new address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets a new user name.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets a new password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Password>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets whether the user is active.
    #[must_use]
    pub fn active(mut self, is_active: bool) -> Self {
        self.is_active = Some(is_active);
        self
    }

    /// Sets whether the user may administer all users.
    #[must_use]
    pub fn superuser(mut self, is_superuser: bool) -> Self {
        self.is_superuser = Some(is_superuser);
        self
    }

    /// Sets whether the user has proved the address.
    #[must_use]
    pub fn verified(mut self, is_verified: bool) -> Self {
        self.is_verified = Some(is_verified);
        self
    }
}

/// An address or a user name, and a password, as a login form sends them.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Credentials {
    /// The address as the user typed it. With the part [`Usernames`](crate::engine::Usernames), a text without an `@` is a user name.
    /// The field is named `username` as in OAuth 2.0 and FastAPI Users.
    #[serde(alias = "email")]
    pub username: String,
    /// The password in plain text.
    pub password: Password,
}

impl Credentials {
    /// Creates credentials from an address, or a user name, and a password.
    pub fn new(username: impl Into<String>, password: impl Into<Password>) -> Self {
        Self { username: username.into(), password: password.into() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

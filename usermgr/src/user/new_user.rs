//! An account that the application itself creates: the input of the operation `create`.

use super::{EmailAddress, NoProfile, Password, Username};

/// An account that the application itself creates, for example in a seed, an import or a command. It does not implement
/// `Deserialize`, so that it cannot come from a request by accident.
///
/// ```
/// use usermgr::{EmailAddress, NewUser, NoProfile};
/// let root = NewUser::new(EmailAddress::parse("root@example.com")?, NoProfile).superuser(true);
/// assert!(root.is_active && root.is_superuser && !root.is_verified && root.password.is_none());
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser<P = NoProfile> {
    /// The address.
    pub email: EmailAddress,
    /// The user name, which may be a reserved one. It needs the part [`Usernames`](crate::engine::Usernames).
    pub username: Option<Username>,
    /// The password. `None` creates an account without a password. The user can set one by a reset.
    pub password: Option<Password>,
    /// See [`User::is_active`](crate::User::is_active).
    pub is_active: bool,
    /// See [`User::is_superuser`](crate::User::is_superuser).
    pub is_superuser: bool,
    /// See [`User::is_verified`](crate::User::is_verified).
    pub is_verified: bool,
    /// The profile as it is stored.
    pub profile: P,
}

impl<P> NewUser<P> {
    /// Creates an active, unverified account without a password and without a user name.
    pub fn new(email: EmailAddress, profile: P) -> Self {
        Self {
            email,
            username: None,
            password: None,
            is_active: true,
            is_superuser: false,
            is_verified: false,
            profile,
        }
    }

    /// Sets the user name.
    #[must_use]
    pub fn username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Password>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets whether the user is active.
    #[must_use]
    pub fn active(mut self, is_active: bool) -> Self {
        self.is_active = is_active;
        self
    }

    /// Sets whether the user may administer all users.
    #[must_use]
    pub fn superuser(mut self, is_superuser: bool) -> Self {
        self.is_superuser = is_superuser;
        self
    }

    /// Sets whether the user has proved the address.
    #[must_use]
    pub fn verified(mut self, is_verified: bool) -> Self {
        self.is_verified = is_verified;
        self
    }
}

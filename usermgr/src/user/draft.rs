//! A registration without its password, and the account for which a password is judged: the arguments of hooks and of
//! password policies.

use uuid::Uuid;

use super::{EmailAddress, NoProfile, User, Username};

/// A registration as hooks receive it: everything except the password. `on_before_register` may change the profile. It
/// cannot change the address and the user name, because the password was judged together with them.
///
/// ```
/// use usermgr::{Draft, EmailAddress, NoProfile};
/// let draft = Draft::new(EmailAddress::parse("ada@example.com")?, NoProfile);
/// assert_eq!(draft.email().as_str(), "ada@example.com");
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<P = NoProfile> {
    pub(crate) email: EmailAddress,
    pub(crate) username: Option<Username>,
    /// The profile as it will be stored. A hook may trim a name, or set a field that requests cannot set.
    pub profile: P,
}

impl<P> Draft<P> {
    /// Creates a draft, for example to test a password policy.
    pub fn new(email: EmailAddress, profile: P) -> Self {
        Self { email, username: None, profile }
    }

    /// Sets the user name, for example to test a gate.
    #[must_use]
    pub fn with_username(mut self, username: Username) -> Self {
        self.username = Some(username);
        self
    }

    /// Returns the address to be registered.
    pub fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// Returns the user name to be registered, if there is one.
    pub fn username(&self) -> Option<&Username> {
        self.username.as_ref()
    }
}

/// The account for which a password is judged. It may not exist yet.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PasswordSubject<'a, P = NoProfile, I = Uuid> {
    /// The user is registering.
    New(&'a Draft<P>),
    /// The user is changing or resetting their password.
    Existing(&'a User<P, I>),
}

impl<'a, P, I> PasswordSubject<'a, P, I> {
    /// Returns the address of the account.
    pub fn email(&self) -> &'a EmailAddress {
        match self {
            Self::New(draft) => &draft.email,
            Self::Existing(user) => &user.email,
        }
    }

    /// Returns the user name of the account, if it has one.
    pub fn username(&self) -> Option<&'a Username> {
        match self {
            Self::New(draft) => draft.username.as_ref(),
            Self::Existing(user) => user.username.as_ref(),
        }
    }

    /// Returns the profile of the account.
    pub fn profile(&self) -> &'a P {
        match self {
            Self::New(draft) => &draft.profile,
            Self::Existing(user) => &user.profile,
        }
    }
}

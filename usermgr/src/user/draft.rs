//! A registration without its password, and the account a password is meant for: what gates and the password policy look at.

use uuid::Uuid;

use super::{EmailAddress, NoProfile, User};

/// A registration as hooks see it: everything but the password. `on_before_register` may change the profile; the address stays, since it
/// and the password were judged together.
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
    /// The profile as it will be stored: a gate may trim a name, or set a field that no request sets.
    pub profile: P,
}

impl<P> Draft<P> {
    /// A draft, to try a password policy with.
    pub fn new(email: EmailAddress, profile: P) -> Self {
        Self { email, profile }
    }

    /// The address to be registered.
    pub fn email(&self) -> &EmailAddress {
        &self.email
    }
}

/// Whose password is to be judged: an account that does not exist yet, or one that does.
#[derive(Clone, Copy, Debug)]
pub enum PasswordSubject<'a, P = NoProfile, I = Uuid> {
    /// The user is registering.
    New(&'a Draft<P>),
    /// The user is changing or resetting their password.
    Existing(&'a User<P, I>),
}

impl<'a, P, I> PasswordSubject<'a, P, I> {
    /// The address of the account.
    pub fn email(&self) -> &'a EmailAddress {
        match self {
            Self::New(draft) => &draft.email,
            Self::Existing(user) => &user.email,
        }
    }

    /// The profile of the account.
    pub fn profile(&self) -> &'a P {
        match self {
            Self::New(draft) => &draft.profile,
            Self::Existing(user) => &user.profile,
        }
    }
}

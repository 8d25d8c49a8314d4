//! The built-in password policy: a password and the account it is for go in, `Ok` or the broken rule comes out.

use zeroize::Zeroizing;

use crate::{
    password::InvalidPassword,
    user::{EmailAddress, Password, PasswordSubject, folded},
};

/// The most common passwords of 8 characters and more, in lower case and in order, one to a line: taken from public lists of leaked
/// passwords. Of those with 15 characters and more, there are the ones that are easiest to guess.
const COMMON: &str = include_str!("common.txt");
/// The least for a password that is the only factor (NIST SP 800-63B-4, 3.1.1.2).
const DEFAULT_LENGTH: usize = 15;
/// The least for any password (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2.1).
const LEAST_LENGTH: usize = 8;
/// A shorter local part is too likely to occur by chance.
const LEAST_LOCAL_PART: usize = 4;

/// What a new password must satisfy: at least so many characters, not one of the most common, not similar to the e-mail address.
///
/// The default asks for 15 characters, as NIST SP 800-63B-4 (3.1.1.2) does where the password is the only factor. Characters are
/// Unicode code points after normalization to form C. There are no rules of composition, since they make passwords worse (ASVS 5.0,
/// 6.2.5), and none is too long below [`Password::MAX_BYTES`].
///
/// ```
/// use usermgr::{Draft, EmailAddress, NoProfile, Password, user::PasswordSubject, password::Policy};
///
/// let draft = Draft::new(EmailAddress::parse("ada.lovelace@example.com")?, NoProfile);
/// let subject: PasswordSubject = PasswordSubject::New(&draft);
/// let policy = Policy::default().min_length(12);
///
/// assert!(policy.check(&Password::new("weaves algebraic patterns"), &subject).is_ok());
/// let error = policy.check(&Password::new("ada.lovelace1815"), &subject).unwrap_err();
/// assert_eq!(error.reason(), "the password is too similar to the e-mail address");
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    min_length: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self { min_length: DEFAULT_LENGTH }
    }
}

impl Policy {
    /// The shortest password, in characters. A number under 8 counts as 8.
    pub fn min_length(self, characters: usize) -> Self {
        self.dangerous_min_length(characters.max(LEAST_LENGTH))
    }

    /// The shortest password, in characters, however short; the empty one is never accepted.
    pub fn dangerous_min_length(mut self, characters: usize) -> Self {
        self.min_length = characters.max(1);
        self
    }

    /// Judges a new password. The rules are taken in order: bytes, characters, common passwords, e-mail address.
    ///
    /// # Errors
    /// The first broken rule in plain words, to be shown to the user. It never repeats the password.
    pub fn check<P, I>(&self, password: &Password, subject: &PasswordSubject<'_, P, I>) -> Result<(), InvalidPassword> {
        let text = password.normalized().map_err(|error| InvalidPassword::new(error.to_string()))?;
        if text.chars().count() < self.min_length {
            return Err(InvalidPassword::new(format!("the password is shorter than {} characters", self.min_length)));
        }
        let text = comparable(&text);
        if is_common(&text) {
            return Err(InvalidPassword::new("the password is one of the most common ones"));
        }
        if is_similar(&text, subject.email()) {
            return Err(InvalidPassword::new("the password is too similar to the e-mail address"));
        }
        Ok(())
    }
}

/// Judges a new password by the default [`Policy`], for a `validate_password` of one's own to call.
///
/// ```
/// use usermgr::{Draft, EmailAddress, NoProfile, Password, user::PasswordSubject, password};
///
/// let draft = Draft::new(EmailAddress::parse("ada@example.com")?, NoProfile);
/// let subject: PasswordSubject = PasswordSubject::New(&draft);
/// let error = password::policy(&Password::new("too short"), &subject).unwrap_err();
/// assert_eq!(error.reason(), "the password is shorter than 15 characters");
/// # Ok::<(), usermgr::user::InvalidEmail>(())
/// ```
///
/// # Errors
/// Those of [`Policy::check`].
pub fn policy<P, I>(password: &Password, subject: &PasswordSubject<'_, P, I>) -> Result<(), InvalidPassword> {
    Policy::default().check(password, subject)
}

/// The form that is compared, made as [`EmailAddress::canonical`] is.
fn comparable(text: &str) -> Zeroizing<String> {
    // Both steps may make three bytes of one, and a text that grows would leave a copy behind.
    let mut comparable = Zeroizing::new(String::with_capacity(9 * text.len()));
    comparable.extend(folded(text));
    comparable
}

/// A binary search over the text itself, which costs no memory and no start-up.
fn is_common(password: &str) -> bool {
    let mut lines = COMMON;
    while !lines.is_empty() {
        let middle = lines.len() / 2;
        let start = lines[..middle].rfind('\n').map_or(0, |newline| newline + 1);
        let end = lines[start..].find('\n').map_or(lines.len(), |length| start + length);
        match password.cmp(&lines[start..end]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => lines = &lines[..start.saturating_sub(1)],
            std::cmp::Ordering::Greater => lines = lines.get(end + 1..).unwrap_or_default(),
        }
    }
    false
}

/// Whether it contains the whole address, or the local part makes up at least half of it.
fn is_similar(password: &str, email: &EmailAddress) -> bool {
    let address = email.canonical();
    let local = address.split_once('@').map_or(address, |(local, _)| local);
    let length = local.chars().count();
    let covered = password.matches(local).count() * length;
    // The domain stands in the key as ASCII, and is typed as it is shown.
    let shown = comparable(email.as_str());
    let whole = password.contains(address) || password.contains(shown.as_str());
    whole || (length >= LEAST_LOCAL_PART && 2 * covered >= password.chars().count())
}

#[cfg(test)]
mod tests;

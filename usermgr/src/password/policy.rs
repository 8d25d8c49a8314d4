//! The built-in password policy.

use zeroize::Zeroizing;

use crate::{
    password::InvalidPassword,
    user::{EmailAddress, Password, PasswordSubject, folded},
};

/// The most common passwords of 8 or more characters, in lower case and sorted, one per line. They are from public
/// lists of leaked passwords. Those of 15 or more characters are the ones that are easiest to guess.
const COMMON: &str = include_str!("common.txt");
/// The minimum for a password that is the only factor (NIST SP 800-63B-4, 3.1.1.2).
const DEFAULT_LENGTH: usize = 15;
/// The minimum for any password (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2.1).
const LEAST_LENGTH: usize = 8;
/// Shorter local parts and user names are too likely to occur by chance.
const LEAST_NAME: usize = 4;

/// The rules for new passwords: a minimum length, not one of the most common passwords, and not similar to the e-mail
/// address or the user name.
///
/// The default minimum is 15 characters, which NIST SP 800-63B-4 (3.1.1.2) requires if the password is the only factor.
/// Characters are Unicode code points after normalization to form C. There are no composition rules, because they make
/// passwords weaker (ASVS 5.0, 6.2.5). The only maximum is [`Password::MAX_BYTES`].
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
    /// Sets the minimum length, in characters. A value below 8 counts as 8. Default: 15.
    pub fn min_length(self, characters: usize) -> Self {
        self.dangerous_min_length(characters.max(LEAST_LENGTH))
    }

    /// Sets the minimum length, in characters, without a lower bound. The empty password is always refused.
    pub fn dangerous_min_length(mut self, characters: usize) -> Self {
        self.min_length = characters.max(1);
        self
    }

    /// Checks a new password. The rules are checked in this order: bytes, characters, common passwords, e-mail address,
    /// user name.
    ///
    /// # Errors
    /// The first broken rule, in words for the user. It never repeats the password.
    pub fn check<P, I>(&self, password: &Password, subject: &PasswordSubject<'_, P, I>) -> Result<(), InvalidPassword> {
        let text = password.normalized()?;
        let least = self.min_length;
        if text.chars().count() < least {
            let refused = InvalidPassword::new(format!("the password is shorter than {least} characters"));
            return Err(refused.with_code("too_short").with_limit(least));
        }
        let text = comparable(&text);
        if is_common(&text) {
            return Err(InvalidPassword::new("the password is one of the most common ones").with_code("common"));
        }
        if is_similar(&text, subject.email()) {
            let refused = InvalidPassword::new("the password is too similar to the e-mail address");
            return Err(refused.with_code("like_address"));
        }
        if subject.username().is_some_and(|name| covers(&text, name.canonical())) {
            let refused = InvalidPassword::new("the password is too similar to the user name");
            return Err(refused.with_code("like_username"));
        }
        Ok(())
    }
}

/// Checks a new password by the default [`Policy`]. A custom `validate_password` can call it.
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
/// The errors of [`Policy::check`].
pub fn policy<P, I>(password: &Password, subject: &PasswordSubject<'_, P, I>) -> Result<(), InvalidPassword> {
    Policy::default().check(password, subject)
}

/// Returns the form for comparisons, folded as [`EmailAddress::canonical`] folds.
fn comparable(text: &str) -> Zeroizing<String> {
    // Each step may triple the number of bytes, and a growing text would leave an unwiped copy.
    let mut comparable = Zeroizing::new(String::with_capacity(9 * text.len()));
    comparable.extend(folded(text));
    comparable
}

/// Searches in the text itself by bisection, which needs no memory and no initialization.
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

/// Returns whether the password contains the whole address, or the local part is at least half of the password.
fn is_similar(password: &str, email: &EmailAddress) -> bool {
    let address = email.canonical();
    let local = address.split_once('@').map_or(address, |(local, _)| local);
    // The key has the domain in ASCII, but users type the displayed form.
    let shown = comparable(email.as_str());
    let whole = password.contains(address) || password.contains(shown.as_str());
    whole || covers(password, local)
}

/// Returns whether a name that is long enough is at least half of the password.
fn covers(password: &str, name: &str) -> bool {
    let length = name.chars().count();
    let covered = password.matches(name).count() * length;
    length >= LEAST_NAME && 2 * covered >= password.chars().count()
}

#[cfg(test)]
mod tests;

//! A requested change of an account, the changed account, and the differences.

use crate::{
    change::password::with_password,
    error::Fault,
    hook::new_stamp,
    manager::{ProfileOf, UserManager},
    notification::notice::Notice,
    store::RecordOf,
    user::{Change, Changes, EmailAddress, InvalidEmail, Password, PasswordHash, Profile, Username},
};

/// The requested changes.
pub(crate) struct Patch<'a, P: Profile> {
    pub(crate) email: Option<EmailAddress>,
    /// A new address that the account gets only after verification, and the notification that sends the token.
    pub(crate) pending: Option<(EmailAddress, Notice<'static>)>,
    pub(crate) username: Option<Username>,
    pub(crate) password: Option<Password>,
    pub(crate) is_active: Option<bool>,
    pub(crate) is_superuser: Option<bool>,
    pub(crate) is_verified: Option<bool>,
    pub(crate) profile: Option<ProfilePatch<'a, P>>,
}

/// The requested changes of a profile.
pub(crate) enum ProfilePatch<'a, P: Profile> {
    /// The changes from a request, which only the profile can apply.
    Request(P::Update),
    /// The changes from the request of a superuser.
    Administration(P::AdminUpdate),
    /// A closure of the application.
    Closure(&'a (dyn Fn(&mut P) + Send + Sync)),
}

impl<P: Profile> Patch<'_, P> {
    pub(crate) fn nothing() -> Self {
        Self {
            email: None,
            pending: None,
            username: None,
            password: None,
            is_active: None,
            is_superuser: None,
            is_verified: None,
            profile: None,
        }
    }

    /// Drops the address and the user name that the account has already. No proof is demanded for them, so they must not
    /// be written back over a concurrent change.
    pub(crate) fn without_unchanged<I>(mut self, user: &crate::User<P, I>) -> Self {
        if !self.has_new_email(user) {
            self.email = None;
        }
        if !self.has_new_username(user) {
            self.username = None;
        }
        self
    }

    /// Whether the address changes, including its spelling.
    pub(super) fn has_new_email<I>(&self, user: &crate::User<P, I>) -> bool {
        self.email.as_ref().is_some_and(|email| email.as_str() != user.email.as_str())
    }

    /// Whether the user name changes, including its spelling.
    fn has_new_username<I>(&self, user: &crate::User<P, I>) -> bool {
        self.username.is_some() && shown(&self.username) != shown(&user.username)
    }

    /// Whether the user must prove their identity.
    pub(super) fn needs_proof<I>(&self, user: &crate::User<P, I>) -> bool {
        // Another spelling counts too: a request without a proof must not write what concurrent changes have judged.
        self.has_new_email(user) || self.pending.is_some() || self.has_new_username(user) || self.password.is_some()
    }
}

/// The displayed form of a user name.
pub(super) fn shown(username: &Option<Username>) -> Option<&str> {
    username.as_ref().map(Username::as_str)
}

/// Returns the new address if it satisfies the engine's rules. The current address is not a new one.
pub(crate) fn judged<M: UserManager + ?Sized>(
    manager: &M,
    text: &str,
    current: &EmailAddress,
) -> Result<EmailAddress, InvalidEmail> {
    if text.trim() == current.as_str() {
        return Ok(current.clone());
    }
    manager.engine_ref().email_rules().parse(text)
}

/// Returns the changed record, with this hash if the password is new.
pub(super) fn patched<M: UserManager + ?Sized>(
    old: &RecordOf<M::Store>,
    patch: &Patch<'_, ProfileOf<M>>,
    hash: Option<&PasswordHash>,
) -> Result<RecordOf<M::Store>, Fault> {
    let Patch { email, pending: _, username, password: _, is_active, is_superuser, is_verified, profile } = patch;
    let mut new = old.clone();
    let user = &mut new.user;
    if let Some(email) = email {
        user.is_verified &= *email == user.email;
        user.email = email.clone();
    }
    if username.is_some() {
        user.username.clone_from(username);
    }
    for (field, value) in
        [(&mut user.is_active, is_active), (&mut user.is_superuser, is_superuser), (&mut user.is_verified, is_verified)]
    {
        *field = value.unwrap_or(*field);
    }
    match profile {
        Some(ProfilePatch::Request(update)) => user.profile.apply(update.clone()),
        Some(ProfilePatch::Administration(update)) => user.profile.apply_admin(update.clone()),
        Some(ProfilePatch::Closure(change)) => change(&mut user.profile),
        None => {}
    }
    if old.user.is_active && !user.is_active {
        new.stamp = new_stamp()?;
    }
    match hash {
        Some(hash) => with_password::<M>(&new, hash),
        None => Ok(new),
    }
}

/// Returns the differences.
pub(crate) fn compare<P: Profile, I>(old: &crate::User<P, I>, new: &crate::User<P, I>, password: bool) -> Changes<P> {
    // The displayed forms are compared, so that a user can correct the case of the address and of the user name.
    let respelled = old.email.as_str() != new.email.as_str();
    let renamed = shown(&old.username) != shown(&new.username);
    // A profile may not be comparable, but it can always be serialized.
    let profile = match (serde_json::to_value(&old.profile), serde_json::to_value(&new.profile)) {
        (Ok(old), Ok(new)) => old != new,
        _ => true,
    };
    Changes {
        email: respelled.then(|| Change { old: old.email.clone(), new: new.email.clone() }),
        username: renamed.then(|| Change { old: old.username.clone(), new: new.username.clone() }),
        password,
        is_active: Change::between(&old.is_active, &new.is_active),
        is_superuser: Change::between(&old.is_superuser, &new.is_superuser),
        is_verified: Change::between(&old.is_verified, &new.is_verified),
        profile: profile.then(|| Change { old: old.profile.clone(), new: new.profile.clone() }),
    }
}

/// The addresses, if more than the spelling has changed.
pub(super) fn moved<P>(changes: &Changes<P>) -> Option<&Change<EmailAddress>> {
    changes.email.as_ref().filter(|email| email.old != email.new)
}

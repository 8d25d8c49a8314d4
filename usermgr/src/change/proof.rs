//! Why a change of an address or a password is to be believed: what is shown for it, and what is asked of whom.

use jiff::Timestamp;

use crate::{
    change::{errors::UpdateError, password::proves, patch::Patch},
    context::{Actor, Context},
    manager::{ProfileOf, UserManager},
    op::Op,
    store::{RecordOf, SessionDigest},
    user::{EmailAddress, Password, Record, Stamp},
};

/// Why a new address or password is to be believed.
pub(crate) enum Proof {
    /// The new address has received a token. Looked at again before each write, so that a token works once.
    Token(AddressProof),
    /// Nobody need show anything.
    Given,
    /// A superuser asks: for the account of another, or for their own, which is no other than that of any user.
    Administrator,
    /// The user must show that they are who they say.
    User { current_password: Option<Password> },
    /// The user has shown it, when the stamp was this.
    Stamp(Stamp),
}

impl Proof {
    /// Whether the users themselves ask.
    pub(super) fn is_the_users(&self) -> bool {
        matches!(self, Self::User { .. } | Self::Stamp(_))
    }

    /// What an administrator must show for the account that was found. The row decides whose it is: what it was found by may be another
    /// spelling of its id.
    pub(super) fn settled<M: UserManager + ?Sized>(
        self,
        manager: &M,
        patch: &Patch<'_, ProfileOf<M>>,
        record: &RecordOf<M::Store>,
        cx: &Context,
    ) -> Result<Self, UpdateError> {
        match (&self, &cx.actor) {
            (Self::Administrator, Some(Actor::User { id, .. })) if *id == record.user.id.to_string() => {
                Ok(Self::User { current_password: None })
            }
            (Self::Administrator, Some(Actor::User { .. })) if !manager.engine_ref().superusers_set_passwords() => {
                match (patch.password.is_some(), patch.has_new_email(&record.user)) {
                    (true, _) => Err(UpdateError::PasswordForbidden),
                    // The recipient of the mail that sets a password chooses the password.
                    (_, true) => Err(UpdateError::EmailForbidden),
                    _ => Ok(Self::Given),
                }
            }
            (Self::Administrator, _) => Ok(Self::Given),
            _ => Ok(self),
        }
    }
}

/// What an account must still be for a token to change its address.
pub(crate) struct AddressProof {
    /// Its address when the token was made.
    pub(crate) old: EmailAddress,
    /// The part of its stamp that tokens carry.
    pub(crate) stamp: String,
    /// What notes that the token is used up.
    pub(crate) once: (SessionDigest, Timestamp),
}

impl AddressProof {
    pub(super) fn holds<P, I>(&self, record: &Record<P, I>) -> bool {
        record.user.is_active && record.user.email.as_str() == self.old.as_str() && record.stamp.has_prefix(&self.stamp)
    }
}

/// A user's own new address or password needs more than a session that lies about: the current password, or a login made just now, by
/// which no password was known that is not the password any more. The stamp at which that was shown, where it was needed.
pub(crate) async fn demand_proof<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    patch: &Patch<'_, ProfileOf<M>>,
    proof: &Proof,
    record: &RecordOf<M::Store>,
) -> Result<Option<Stamp>, UpdateError> {
    let Op { engine, cx, .. } = op;
    if !proof.is_the_users() || !patch.needs_proof(&record.user) {
        return Ok(None);
    }
    let proved = match (proof, &cx.actor) {
        (Proof::Stamp(stamp), _) => *stamp == record.stamp,
        (Proof::User { current_password: Some(password) }, _) => proves::<M>(op, password, record).await?,
        (_, Some(Actor::User { id, session })) => {
            let is_own = *id == record.user.id.to_string();
            is_own && session.is_of(&record.stamp) && engine.is_fresh(session.authenticated_at)
        }
        (_, Some(Actor::System(_))) => true,
        (_, None) => false,
    };
    if proved { Ok(Some(record.stamp)) } else { Err(UpdateError::ReauthenticationRequired) }
}

//! The proof for a change of an address or a password, and what is required from each caller.

use jiff::Timestamp;

use crate::{
    change::{errors::UpdateError, password::proves, patch::Patch, right::demand_user},
    context::{Actor, Context},
    manager::{ProfileOf, UserManager},
    op::Op,
    store::{RecordOf, SessionDigest},
    user::{EmailAddress, Password, Record, Stamp, UserId},
};

/// The proof for a new address or password.
pub(crate) enum Proof {
    /// The new address has received a token. Checked again before each write, so that a token works once.
    Token(AddressProof),
    /// No proof is required.
    Given,
    /// A superuser asks, for another user's account or for their own. Their own account is treated like any user's.
    Administrator,
    /// The user must prove their identity.
    User { current_password: Option<Password> },
    /// The user has given the proof, at this stamp. `None` if the change needed no proof. A new address waits for its mail
    /// beside it, so the address itself changes in its spelling alone.
    Stamp(Option<Stamp>),
}

impl Proof {
    /// Whether users ask for themselves.
    pub(super) fn is_the_users(&self) -> bool {
        matches!(self, Self::User { .. } | Self::Stamp(_))
    }

    /// Returns the proof that an administrator must give for the account that was found. The row decides whose account
    /// it is, because the request may use another spelling of the id.
    pub(super) fn settled<P, I: UserId>(self, record: &Record<P, I>, cx: &Context) -> Self {
        match (&self, &cx.actor) {
            (Self::Administrator, Some(Actor::User { id, .. })) if *id == record.user.id.to_string() => {
                Self::User { current_password: None }
            }
            (Self::Administrator, Some(Actor::System(_)) | None) => Self::Given,
            _ => self,
        }
    }
}

/// The state that an account must still have for a token to change its address.
pub(crate) struct AddressProof {
    /// Its address when the token was made.
    pub(crate) old: EmailAddress,
    /// The part of its stamp that tokens carry.
    pub(crate) stamp: String,
    /// The mark of the used token.
    pub(crate) once: (SessionDigest, Timestamp),
}

impl AddressProof {
    pub(super) fn holds<P, I>(&self, record: &Record<P, I>) -> bool {
        record.user.is_active && record.user.email.as_str() == self.old.as_str() && record.stamp.has_prefix(&self.stamp)
    }
}

/// Refuses an address or a password that no proof of this caller allows. A concurrent change of the address makes an
/// unchanged one a new one, so this is asked of each row that is read, up to the one that is written.
pub(super) async fn demand_allowed<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    patch: &Patch<'_, ProfileOf<M>>,
    proof: &Proof,
    record: &RecordOf<M::Store>,
) -> Result<(), UpdateError> {
    let Op { engine, .. } = op;
    let user = &record.user;
    let moves = patch.email.as_ref().is_some_and(|email| *email != user.email);
    match proof {
        Proof::User { .. } if moves && engine.has_factor(&user.id).await? => Err(UpdateError::EmailProofRequired),
        Proof::Stamp(_) if moves => Err(UpdateError::ReauthenticationRequired),
        Proof::Administrator if !engine.superusers_set_passwords() => {
            match (patch.password.is_some(), patch.has_new_email(user)) {
                (true, _) => Err(UpdateError::PasswordForbidden),
                // The recipient of the mail that resets a password chooses the password.
                (_, true) => Err(UpdateError::EmailForbidden),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Requires more than a session for a user's own new address or password: the current password, or a fresh login since
/// which the password was not changed. Returns the stamp at which the proof was given, if one was required.
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
    demand_user(cx)?;
    let proved = match (proof, &cx.actor) {
        (Proof::Stamp(stamp), _) => *stamp == Some(record.stamp),
        (Proof::User { current_password: Some(password) }, _) => proves::<M>(op, password, record).await?,
        (_, Some(Actor::User { id, session })) => {
            let is_own = *id == record.user.id.to_string();
            is_own && session.is_of(&record.stamp) && engine.is_fresh(session)
        }
        (_, Some(Actor::System(_))) => true,
        (_, None) => false,
    };
    if proved { Ok(Some(record.stamp)) } else { Err(UpdateError::ReauthenticationRequired) }
}

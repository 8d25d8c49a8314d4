//! Accepting with a passkey in place of a password: the token is the proof that a session would be otherwise.

use serde_json::Value;

use super::{
    AcceptInvitationError,
    accept::{by_token, find, open, reported, take},
    notifications,
    row::Invited,
};
use crate::{
    change::{
        take_over::deleting,
        transaction::Swap,
        written::{Unwritten, until_written},
    },
    hook::hook,
    manager::UserManager,
    op::Op,
    passkey::PasskeyChallenge,
    slices::{
        factors::{self, AddedFactor, add_first, described},
        passkeys::{Begun, Bound, challenge},
    },
    token::{InvitationToken, PasskeyToken},
    user::UserChange,
};

/// Makes the challenge for a passkey of an invited user. The invitation stays as it is.
pub(crate) async fn begin_passkey<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &InvitationToken,
) -> Result<PasskeyChallenge, AcceptInvitationError> {
    let work = async {
        let invited = find(op, &open(op, token)?).await?;
        Ok(challenge(op, &invited.record.user, &Bound::Invitation).await?)
    };
    by_token(op, work).await
}

/// Accepts an invitation with the passkey of a right answer. It brings recovery codes, as every first factor.
pub(crate) async fn accept_with_passkey<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &InvitationToken,
    pending: &PasskeyToken,
    answer: &Value,
    label: Option<&str>,
) -> Result<AddedFactor, AcceptInvitationError> {
    let Op { manager, engine, configured, cx } = op;
    let work = async {
        let claims = &open(op, token)?;
        let invited = find(op, claims).await?;
        let id = &invited.record.user.id.clone();
        let begun = Begun::find(op, id, &Bound::Invitation, pending, label).await?;
        let new = &begun.answered(op, id, answer).await?;
        let write = |invited: Invited<M::Store>| async move {
            let old = &invited.record.user;
            let info = described(op, new);
            hook!(gate(manager, Some(&old.id), cx): on_before_add_factor(old, &info)).await??;
            let deleting = deleting(engine, &invited.record).await?;
            let (mut held, now, record) = take(op, &invited).await?;
            let codes = add_first(op, &mut held, new).await?;
            let change = UserChange::InvitationAccepted(&record.user);
            let notices = [
                notifications::accepted::<M>().notice(),
                factors::notifications::added::<M>().notice().about_factor(&info),
            ];
            held.commit(manager, Swap { old: &now, new: &record }, &change, &notices, cx).await?;
            drop(notices);
            deleting.done(engine, &configured.seal);
            Ok::<_, Unwritten<AcceptInvitationError>>((
                record.user,
                AddedFactor { factor: info, recovery_codes: Some(codes) },
            ))
        };
        until_written(Some(invited), || find(op, claims), write).await
    };
    let (user, added) = by_token(op, work).await?;
    reported(op, &user, "passkey").await;
    factors::report_added(op, &user, &added.factor).await;
    Ok(added)
}

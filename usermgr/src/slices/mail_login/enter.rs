//! The account that a mail has proved. One whose address was never verified is taken over: someone else may have made it,
//! and waits for the owner of the address.

use crate::{
    audit::EventKind,
    change::{
        right::Right,
        take_over::{deleting, take_over},
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    hook::raise,
    login::LoginError,
    manager::UserManager,
    notification::enqueue::notify,
    op::Op,
    slices::{invitations, verification},
    store::{RecordOf, StoreError, UserStore},
    user::{Record, UserChange},
};

/// Returns the account, with a verified address.
///
/// - `read`: reads the account, and refuses one that the proof does not fit.
pub(super) async fn enter<M: UserManager + ?Sized, Read>(
    op: Op<'_, M>,
    read: impl Fn() -> Read,
) -> Result<RecordOf<M::Store>, LoginError>
where
    Read: Future<Output = Result<RecordOf<M::Store>, LoginError>>,
{
    let Op { manager, engine, cx, .. } = op;
    let write = |old: RecordOf<M::Store>| async move {
        match old.user.is_verified {
            true => {
                end_invitation(op, &old).await?;
                Ok((old, false))
            }
            false => Ok((claimed(op, old).await?, true)),
        }
    };
    let (record, is_claimed) = until_written(None, read, write).await?;
    if is_claimed {
        raise(engine, EventKind::AccountClaimed, Some(&record.user.id), Some("mail".into()), cx);
        notify(manager, &verification::notifications::verified(), &record.user, None, cx).await;
    }
    Ok(record)
}

/// Ends the invitation of a verified account, which is in use from now on: the mail of the invitation, which may be old
/// and was read by others, is no key to it any more.
async fn end_invitation<M: UserManager + ?Sized>(
    Op { engine, .. }: Op<'_, M>,
    old: &RecordOf<M::Store>,
) -> Result<(), Unwritten<LoginError>> {
    let Some(row) = invitations::row_of(engine, &old.user.id).await? else { return Ok(()) };
    let (mut held, now) = hold(engine, old, Right::default(), false).await?;
    if now.stamp != old.stamp {
        return Err(Unwritten::Stale);
    }
    held.delete_credential(&now.user.id, &row.id).await?;
    Ok(engine.store().commit(held.tx).await?)
}

/// Takes an account over.
async fn claimed<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    old: RecordOf<M::Store>,
) -> Result<RecordOf<M::Store>, Unwritten<LoginError>> {
    let Op { manager, engine, configured, cx } = op;
    let deleting = deleting(engine, &old).await?;
    let (mut held, now) = hold(engine, &old, Right::default(), false).await?;
    // A user who ended their sessions after the mail was sent has ended the mail too.
    if now.stamp != old.stamp {
        return Err(StoreError::Stale.into());
    }
    let mut new = take_over::<M>(&mut held, &now, None).await?;
    new.user.is_verified = true;
    let (swap, change) = (Swap { old: &now, new: &new }, UserChange::Claimed(&new.user));
    let notices = [verification::notifications::verified::<M>().notice()];
    held.commit(manager, swap, &change, &notices, cx).await?;
    deleting.done(engine, &configured.seal);
    Ok(Record { version: new.version + 1, ..new })
}

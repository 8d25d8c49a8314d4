//! Sending an invitation again: a new stamp ends the earlier token, and the time begins again.

use super::{
    InvitationError, Invitations,
    notifications::{self, send},
    row::{Content, Invited, is_unused},
};
use crate::{
    admin::Admin,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    hook::new_stamp,
    limits::{MailKind, Subject},
    manager::{IdOf, UserManager},
    notification::enqueue::{enqueue, enqueued},
    op::Op,
    requests::counted,
    store::{Credential, Lookup, RecordOf, UserStore},
    user::Record,
};

pub(crate) async fn resend<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
) -> Result<(), InvitationError> {
    let cx = &admin.acting(op.cx);
    let op = Op { cx, ..op };
    Invitations::of(op.engine)?;
    let first = find(op, id).await?;
    let to = first.record.user.email.clone();
    let work = async {
        let invited = until_written(Some(first), || find(op, id), |invited| write(op, invited)).await?;
        Ok(send(op, &invited).await?)
    };
    counted(op.manager, &[Subject::MailTo(MailKind::Invitation, to.canonical())], cx, work).await
}

/// Finds the invitation of a user who can accept it, expired or not.
async fn find<M: UserManager + ?Sized>(op: Op<'_, M>, id: &IdOf<M>) -> Result<Invited<M::Store>, InvitationError> {
    let engine = op.engine;
    let record = engine.store().find(Lookup::Id(id)).await?.ok_or(InvitationError::NotFound)?;
    let invited = Invited::find(engine, record).await?.filter(|invited| is_unused(&invited.record));
    let invited = invited.ok_or(InvitationError::NotFound)?;
    if invited.record.user.is_active { Ok(invited) } else { Err(InvitationError::Inactive) }
}

/// Writes the new stamp and the new times, with the notification.
async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    invited: Invited<M::Store>,
) -> Result<Invited<M::Store>, Unwritten<InvitationError>> {
    let Op { engine, cx, .. } = op;
    let part = Invitations::of(engine)?;
    let Invited { record: old, row, content: Content { by, .. } } = invited;
    let (mut held, now) = hold(engine, &old, Right::to_administer(cx), false).await?;
    if !held.delete_credential(&now.user.id, &row.id).await? {
        return Err(Unwritten::Stale);
    }
    let content = Content { by, ..Content::now(part, None, engine.now()) };
    let mut new = content.to_credential(now.user.id.clone(), row.created_at)?;
    // The name stays, so that it keeps its place in the list.
    new.id = row.id.clone();
    engine.insert_credential(&mut held.tx, &new).await?;
    let notices = [notifications::invited::<M>().notice()];
    for notice in &notices {
        enqueue(engine, &mut held.tx, &now.user.id, notice, cx).await?;
    }
    let record: RecordOf<M::Store> = Record { stamp: new_stamp()?, ..now.clone() };
    held.write(Swap { old: &now, new: &record }).await?;
    enqueued(engine, &record.user.id, &notices, cx);
    Ok(Invited { record: Record { version: record.version + 1, ..record }, row: Credential::from(new), content })
}

//! Sending an invitation again: a new stamp ends the earlier token, and the time begins again.

use super::{
    InvitationError, Invitations,
    notifications::{self, send},
    row::{Content, Invited},
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
    store::{Credential, Lookup, RecordOf, StoreError, UserStore},
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
    let record = find(op, id).await?.record;
    let subjects = [Subject::MailTo(MailKind::Invitation, record.user.email.canonical())];
    counted(op.manager, &subjects, cx, again(op, id)).await
}

async fn again<M: UserManager + ?Sized>(op: Op<'_, M>, id: &IdOf<M>) -> Result<(), InvitationError> {
    let read = || find(op, id);
    let write = |invited: Invited<M::Store>| write(op, invited);
    let invited = until_written(None, read, write).await?;
    Ok(send(op, &invited).await?)
}

/// Finds the invitation of a user who can accept it, expired or not.
async fn find<M: UserManager + ?Sized>(op: Op<'_, M>, id: &IdOf<M>) -> Result<Invited<M::Store>, InvitationError> {
    let engine = op.engine;
    let record = engine.store().find(Lookup::Id(id)).await?.ok_or(InvitationError::NotFound)?;
    let invited = Invited::find(engine, record).await?.filter(Invited::is_open).ok_or(InvitationError::NotFound)?;
    if invited.record.user.is_active { Ok(invited) } else { Err(InvitationError::Inactive) }
}

/// Writes the new stamp and the new times, with the notification.
async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    invited: Invited<M::Store>,
) -> Result<Invited<M::Store>, Unwritten<InvitationError>> {
    let Op { engine, cx, .. } = op;
    let (part, store) = (Invitations::of(engine)?, engine.store());
    let Invited { record: old, row, content: Content { by, .. } } = invited;
    let (mut held, now) = hold(engine, &old, Right::to_administer(cx), false).await?;
    if !held.delete_credential(&now.user.id, &row.id).await? {
        return Err(Unwritten::Stale);
    }
    let content = Content { by, ..Content::now(part, None, engine.now()) };
    let mut new = content.to_credential(now.user.id.clone(), row.created_at)?;
    // The name stays, so that it keeps its place in the list.
    new.id = row.id.clone();
    match engine.credentials() {
        Some(credentials) => credentials.insert(store, &mut held.tx, &new).await?,
        None => return Err(StoreError::backend("no part of the engine keeps credentials").into()),
    }
    let notices = [notifications::invited::<M>().notice()];
    for notice in &notices {
        enqueue(engine, &mut held.tx, &now.user.id, notice, cx).await?;
    }
    let record: RecordOf<M::Store> = Record { stamp: new_stamp()?, ..now.clone() };
    held.write(Swap { old: &now, new: &record }).await?;
    enqueued(engine, &record.user.id, &notices, cx);
    Ok(Invited { record: Record { version: record.version + 1, ..record }, row: Credential::from(new), content })
}

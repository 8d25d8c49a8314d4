//! Inviting: an account without a password, the row of the invitation, and the notification, in one transaction.

use super::{
    Invitation, Invitations,
    notifications::{self, send},
    row::{Content, Invited},
};
use crate::{
    admin::Admin,
    change::{
        join::{join, kept},
        right::Right,
        written::{Unwritten, until_written},
    },
    context::Actor,
    error::Fault,
    limits::{MailKind, Subject},
    manager::{IdOf, ProfileOf, UserManager},
    notification::enqueue::{enqueue, enqueued},
    op::Op,
    requests::{counted, subjects},
    session::Principal,
    slices::registration::{RegisterError, draw_up},
    store::{Credential, StoreError, UserStore},
    user::{EmailAddress, NewRecord, NewUser, UserChange},
};

/// Invites as a superuser, or as the application itself.
pub(crate) async fn invite<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    email: EmailAddress,
    profile: ProfileOf<M>,
) -> Result<Invitation<IdOf<M>>, RegisterError> {
    let cx = &admin.acting(op.cx);
    let op = Op { cx, ..op };
    // A superuser who invites a whole company is not limited by their network.
    let to = email.clone();
    let subjects = [Subject::MailTo(MailKind::Invitation, to.canonical())];
    let work = written(op, NewUser::new(email, profile), Right::to_administer(cx));
    counted(op.manager, &subjects, cx, work).await
}

/// Invites on behalf of a user that the application has authorized.
pub(crate) async fn invite_by<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    inviter: &Principal<M::Store>,
    email: EmailAddress,
    profile: ProfileOf<M>,
) -> Result<Invitation<IdOf<M>>, RegisterError> {
    // The principal is the inviter and is judged, whatever the caller has put into the context.
    let cx = &op.cx.clone().actor(Actor::of(inviter));
    let op = Op { cx, ..op };
    let to = email.clone();
    let work = written(op, NewUser::new(email, profile), Right::of(cx));
    counted(op.manager, &subjects(MailKind::Invitation, &to, cx), cx, work).await
}

async fn written<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    new: NewUser<ProfileOf<M>>,
    right: Right<'_>,
) -> Result<Invitation<IdOf<M>>, RegisterError> {
    let part = *Invitations::of(op.engine)?;
    let new = &draw_up(op, new).await?;
    let write = |()| write(op, &part, new, right);
    let invited = match until_written(None, || async { Ok(()) }, write).await {
        Err(RegisterError::Fault(Fault::Store(StoreError::Conflict))) => return Err(RegisterError::AlreadyExists),
        invited => invited?,
    };
    send(op, &invited).await?;
    Ok(Invitation::of(invited.record.user.without_profile(), &invited.row, invited.content, op.engine.now()))
}

async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    part: &Invitations,
    new: &NewRecord<ProfileOf<M>>,
    right: Right<'_>,
) -> Result<Invited<M::Store>, Unwritten<RegisterError>> {
    let Op { manager, engine, cx, .. } = op;
    let (store, now) = (engine.store(), engine.now());
    let mut tx = store.begin().await?;
    right.admit_alone(engine, &mut tx).await?;
    let record = new.with_id(store.insert(&mut tx, new).await?);
    let content = Content::now(part, cx.actor.as_ref(), now);
    let row = content.to_credential(record.user.id.clone(), now)?;
    engine.insert_credential(&mut tx, &row).await?;
    let (id, notices) = (&record.user.id, [notifications::invited::<M>().notice()]);
    for notice in &notices {
        enqueue(engine, &mut tx, id, notice, cx).await?;
    }
    join(manager, &UserChange::Registered(&record.user), &mut tx, cx).await?;
    kept(engine, store.commit(tx).await, id, cx)?;
    enqueued(engine, id, &notices, cx);
    Ok(Invited { row: Credential::from(row), record, content })
}

//! Setting a new password after verifying the current one.

use crate::{
    audit::EventKind,
    change::{
        notifications,
        password::{proves, with_password},
        right::Right,
        transaction::{Swap, hold},
        written::until_written,
    },
    hook::{judge, raise},
    manager::{ManagedUser, UserManager},
    notification::enqueue::notify,
    op::Op,
    password::Claim,
    slices::password_login::ChangePasswordError,
    store::{Lookup, RecordOf, UserStore},
    user::{Password, PasswordSubject, UserChange},
};

pub(crate) async fn change_password<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    current: Password,
    new: Password,
) -> Result<ManagedUser<M>, ChangePasswordError> {
    let Op { manager, engine, cx, .. } = op;
    let read = || async move { engine.store().find(Lookup::Id(&user.id)).await?.ok_or(ChangePasswordError::NotFound) };
    let old = read().await?;
    if !proves::<M>(op, &current, &old).await? {
        return Err(ChangePasswordError::WrongPassword);
    }
    judge::<_, ChangePasswordError>(manager, &new, PasswordSubject::Existing(&old.user), cx).await?;
    let claim = Claim::of(cx.ip, old.user.email.canonical());
    let hash = &claim.scope(engine.hasher().hash(&new)).await?;
    let proved_at = old.stamp;
    let read_again = || async move {
        let old = read().await?;
        // The verified password was replaced in the meantime.
        if old.stamp == proved_at { Ok(old) } else { Err(ChangePasswordError::WrongPassword) }
    };
    let write = |old: RecordOf<M::Store>| async move {
        let (held, now) = hold(engine, &old, Right::of(cx), false).await?;
        let changed = with_password::<M>(&now, hash)?;
        let (swap, change) = (Swap { old: &now, new: &changed }, UserChange::PasswordChanged(&changed.user));
        let notices = [notifications::password_changed::<M>().notice()];
        held.commit(manager, swap, &change, &notices, cx).await?;
        Ok(changed.user)
    };
    let user = until_written(Some(old), read_again, write).await?;
    raise(engine, EventKind::PasswordChanged, Some(&user.id), None, cx);
    notify(manager, &notifications::password_changed(), &user, None, cx).await;
    Ok(user)
}

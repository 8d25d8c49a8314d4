//! A new password by the current one.

use crate::{
    attempts::Attempts,
    change::{
        notifications,
        password::{proves, with_password},
        right::Right,
        transaction::{Swap, Written, hold, settled},
    },
    context::Context,
    error::ChangePasswordError,
    event::EventKind,
    hook::{judge, raise},
    manager::{ManagedUser, UserManager},
    notification::enqueue::notify,
    password::Claim,
    store::{Lookup, UserStore},
    user::{Password, PasswordSubject, UserChange},
};

pub(crate) async fn change_password<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    current: Password,
    new: Password,
    cx: &Context,
) -> Result<ManagedUser<M>, ChangePasswordError> {
    let engine = manager.engine_ref();
    let read = || engine.store().find(Lookup::Id(&user.id));
    let mut old = read().await?.ok_or(ChangePasswordError::NotFound)?;
    if !proves::<M>(manager, &current, &old, cx).await? {
        return Err(ChangePasswordError::WrongPassword);
    }
    judge::<_, ChangePasswordError>(manager, &new, PasswordSubject::Existing(&old.user), cx).await?;
    let claim = Claim::of(cx.ip, old.user.email.canonical());
    let hash = claim.scope(engine.hasher().hash(&new)).await?;
    let mut attempts = Attempts::default();
    let user = loop {
        let written = async {
            let (held, now) = hold(engine, &old, Right::of(cx), false).await?;
            let changed = with_password::<M>(&now, &hash)?;
            let (swap, change) = (Swap { old: &now, new: &changed }, UserChange::PasswordChanged(&changed.user));
            let notices = [notifications::password_changed::<M>().notice()];
            Ok(held.commit(manager, swap, &change, &notices, cx).await?.with(changed.user))
        };
        match settled(written.await)? {
            Written::Done(user) => break user,
            Written::Stale => attempts.another_or_busy().await?,
            Written::Rejected(rejection) => return Err(rejection.into()),
            Written::Used | Written::Conflict | Written::LastSuperuser => return Err(ChangePasswordError::NotFound),
        }
        let proved_at = old.stamp;
        old = read().await?.ok_or(ChangePasswordError::NotFound)?;
        // The password that was proved is not the password any more.
        if old.stamp != proved_at {
            return Err(ChangePasswordError::WrongPassword);
        }
    };
    raise(engine, EventKind::PasswordChanged, Some(&user.id), None, cx);
    notify(manager, &notifications::password_changed(), &user, None, cx).await;
    Ok(user)
}

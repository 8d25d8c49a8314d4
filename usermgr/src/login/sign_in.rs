//! A session for a user that the application has authenticated itself.

use crate::{
    amr::Amr,
    context::Context,
    login::{LoggedIn, LoginError, establish, login_backend},
    manager::{ManagedUser, UserManager},
    session::Authenticated,
    store::{Lookup, UserStore},
};

pub(crate) async fn sign_in<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    methods: Amr,
    backend: &str,
    cx: &Context,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let engine = manager.engine_ref();
    let backend = login_backend(engine, backend)?;
    // Read again, because the session is bound to the stamp and the caller may hold an outdated user.
    let record = engine.store().find(Lookup::Id(&user.id)).await?.ok_or(LoginError::BadCredentials)?;
    let username = record.user.email.to_string();
    let who = Authenticated::new(record, methods, engine.now());
    establish(manager, who, backend, &username, cx).await
}

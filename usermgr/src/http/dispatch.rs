//! Which handler answers which endpoint: an [`Endpoint`] goes in, and the function that answers its requests comes out.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{Endpoint, Incoming, Outgoing, Problem, context, cookie::Discarded, demand_sound, handlers};
use crate::{
    manager::UserManager,
    store::{Directory, SessionStore},
};

/// What answers a route, with the bound on the store already met.
pub(super) type Answer<M> = fn(Arc<M>, Incoming) -> Pin<Box<dyn Future<Output = Outgoing> + Send>>;

/// Each handler has a future of its own: one for all of them would be as large as the largest, at every request. What is
/// elsewhere is of another table.
macro_rules! dispatch {
    ($endpoint:expr, elsewhere: $elsewhere:pat, $($name:ident: $theme:ident::$handler:ident,)*) => {
        match $endpoint {
            $(Endpoint::$name => |manager, request| {
                Box::pin(async move {
                    let mut request = located(&*manager, request);
                    let discarded = Discarded::follow(&mut request.parts);
                    let outcome = match demand_sound(&*manager) {
                        Ok(()) => handlers::$theme::$handler::<M>(&manager, request).await,
                        Err(problem) => Err(problem),
                    };
                    discarded.take_away(outcome.unwrap_or_else(Problem::into_outgoing))
                })
            },)*
            $elsewhere => |_, _| Box::pin(async { Problem::not_found().into_outgoing() }),
        }
    };
}

/// For the [`ROUTES`](super::ROUTES).
pub(super) fn every_store<M: UserManager>(endpoint: Endpoint) -> Answer<M> {
    dispatch! {
        endpoint,
        // By name, so that an endpoint which is in no table does not compile.
        elsewhere: Endpoint::ListUsers
            | Endpoint::Refresh
            | Endpoint::ListSessions
            | Endpoint::RevokeSessions
            | Endpoint::RevokeSession,
        Login: auth::login,
        Logout: auth::logout,
        Register: auth::register,
        RequestVerify: auth::request_verify,
        Verify: auth::verify,
        ForgotPassword: auth::forgot_password,
        ResetPassword: auth::reset_password,
        ChangePassword: auth::change_password,
        RequestEmailChange: auth::request_email_change,
        ConfirmEmailChange: auth::confirm_email_change,
        Me: users::me,
        UpdateMe: users::update_me,
        DeleteMe: users::delete_me,
        User: users::user,
        UpdateUser: users::update_user,
        DeleteUser: users::delete_user,
    }
}

/// For the [`DIRECTORY_ROUTES`](super::DIRECTORY_ROUTES).
pub(super) fn directory<M: UserManager<Store: Directory>>(endpoint: Endpoint) -> Answer<M> {
    dispatch! {
        endpoint,
        elsewhere: _,
        ListUsers: users::list_users,
    }
}

/// For the [`SESSION_ROUTES`](super::SESSION_ROUTES).
pub(super) fn sessions<M: UserManager<Store: SessionStore>>(endpoint: Endpoint) -> Answer<M> {
    dispatch! {
        endpoint,
        elsewhere: _,
        Refresh: sessions::refresh,
        ListSessions: sessions::list,
        RevokeSessions: sessions::revoke_others,
        RevokeSession: sessions::revoke,
    }
}

/// The request with its client found behind proxies of one's own.
fn located<M: UserManager>(manager: &M, mut request: Incoming) -> Incoming {
    request.ip = context::client(manager, &request.parts, request.ip);
    request
}

//! Extractors: a handler that takes one of these is called only for such a user. `Option<..>` of each is `None` where the plain one
//! would answer 401 or 403; a store that fails is 503 for both.

use std::{ops::Deref, sync::Arc};

use ::axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::Response,
};

use super::mount::respond;
use crate::{
    http::{Guard, Problem, identify},
    manager::UserManager,
    operations::Admin,
    session::{Principal, SessionInfo},
    store::UserOf,
};

/// The principal of a request that this guard lets pass.
async fn admitted<M, S>(parts: &Parts, state: &S, guard: Guard) -> Result<Principal<M::Store>, Problem>
where
    M: UserManager,
    Arc<M>: FromRef<S>,
{
    let manager = Arc::<M>::from_ref(state);
    let principal = identify(&*manager, parts).await?;
    guard.admit(manager.engine_ref(), principal)
}

macro_rules! extractors {
    ($($(#[$doc:meta])* $extractor:ident = $guard:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// It dereferences to the user. Applications give it a short name: `type
        #[doc = concat!(stringify!($extractor), " = usermgr::axum::", stringify!($extractor), "<Accounts>;`.")]
        pub struct $extractor<M: UserManager>(Principal<M::Store>);

        impl<M: UserManager> $extractor<M> {
            /// The user, given away.
            pub fn into_user(self) -> UserOf<M::Store> {
                self.0.into_user()
            }

            /// The session that the request came through.
            pub fn session(&self) -> &SessionInfo {
                &self.0.session
            }

            /// The principal, for operations that ask for one.
            pub fn principal(&self) -> &Principal<M::Store> {
                &self.0
            }
        }

        impl<M: UserManager> Deref for $extractor<M> {
            type Target = UserOf<M::Store>;

            fn deref(&self) -> &Self::Target {
                self.0.user()
            }
        }

        impl<M, S> FromRequestParts<S> for $extractor<M>
        where
            M: UserManager,
            S: Send + Sync,
            Arc<M>: FromRef<S>,
        {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
                admitted::<M, S>(parts, state, Guard::$guard).await.map(Self).map_err(|problem| respond(problem.into_outgoing()))
            }
        }

        impl<M, S> OptionalFromRequestParts<S> for $extractor<M>
        where
            M: UserManager,
            S: Send + Sync,
            Arc<M>: FromRef<S>,
        {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
                match admitted::<M, S>(parts, state, Guard::$guard).await {
                    Ok(principal) => Ok(Some(Self(principal))),
                    Err(problem) if problem.is_unauthenticated() => Ok(None),
                    Err(problem) => Err(respond(problem.into_outgoing())),
                }
            }
        }
    )*};
}

extractors! {
    /// The active user who asks; 401 without one.
    CurrentUser = Active;
    /// The active user who asks, if his address is verified; 401 without a user, 403 for an unverified one.
    Verified = Verified;
    /// The active superuser who asks; 401 without a user, 403 for an ordinary one.
    Superuser = Superuser;
    /// The active superuser who asks, if his address is verified; 401 without a user, 403 for another.
    VerifiedSuperuser = VerifiedSuperuser;
    /// The active user who asks, if he has proved his password just now (by default within ten minutes); 401 without a user, 403
    /// `REAUTHENTICATION_REQUIRED` for an older login.
    Fresh = Fresh;
}

macro_rules! administrators {
    ($($extractor:ident)*) => {$(
        impl<M: UserManager> $extractor<M> {
            /// The witness for the operations of [`Administration`](crate::Administration).
            pub fn admin(&self) -> Admin {
                Admin::guarded(&self.0)
            }
        }
    )*};
}

administrators!(Superuser VerifiedSuperuser);

//! The users that extractors pass to handlers: a request goes in, and the user that a guard accepts comes out. The adapters implement the
//! extractor traits of their framework for these types.

use std::ops::Deref;

use ::http::request::Parts;

use super::{Guard, Problem, identify::recognize};
use crate::{
    admin::Admin,
    manager::UserManager,
    session::{Principal, SessionInfo},
    store::UserOf,
};

/// The principal of a request to a handler of the application. The response removes a cookie that is not valid.
pub(super) async fn admitted<M: UserManager>(
    manager: &M,
    parts: &Parts,
    guard: Guard,
) -> Result<Principal<M::Store>, Problem> {
    let recognized = recognize(manager, parts).await?;
    let discarded = recognized.discarded.clone();
    let principal = recognized.agreed().into_iter().next();
    guard.admit(manager.engine_ref(), principal).map_err(|problem| problem.discarding(&discarded))
}

/// An extractor of the application, or `None` where it would answer 401 or 403.
pub(super) fn if_admitted<T>(outcome: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match outcome {
        Ok(user) => Ok(Some(user)),
        Err(problem) if problem.is_unauthenticated() => Ok(None),
        Err(problem) => Err(problem),
    }
}

macro_rules! users {
    ($($(#[$doc:meta])* $user:ident = $guard:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// It dereferences to the user. Applications give it a short name, here for axum: `type
        #[doc = concat!(stringify!($user), " = usermgr::axum::", stringify!($user), "<Accounts>;`.")]
        pub struct $user<M: UserManager>(Principal<M::Store>);

        impl<M: UserManager> $user<M> {
            /// The user of a request.
            ///
            /// # Errors
            /// 401 and 403 as the guard requires, 503 if the store fails. The response removes a cookie that is not valid.
            pub async fn of(manager: &M, parts: &Parts) -> Result<Self, Problem> {
                admitted(manager, parts, $guard).await.map(Self)
            }

            /// The user of a request, or `None` if [`of`](Self::of) would return 401 or 403.
            ///
            /// # Errors
            /// 503 if the store fails.
            pub async fn optional(manager: &M, parts: &Parts) -> Result<Option<Self>, Problem> {
                if_admitted(Self::of(manager, parts).await)
            }

            /// Returns the user by value.
            pub fn into_user(self) -> UserOf<M::Store> {
                self.0.into_user()
            }

            /// The session that the request came through.
            pub fn session(&self) -> &SessionInfo {
                &self.0.session
            }

            /// The principal, for operations that take one.
            pub fn principal(&self) -> &Principal<M::Store> {
                &self.0
            }
        }

        impl<M: UserManager> Deref for $user<M> {
            type Target = UserOf<M::Store>;

            fn deref(&self) -> &Self::Target {
                self.0.user()
            }
        }
    )*};
}

users! {
    /// The active user of the request; 401 without one, and 403 for an unverified one if the engine
    /// [requires verified addresses](crate::engine::EngineBuilder::require_verified).
    CurrentUser = Guard::active();
    /// The active user of the request, if their address is verified; 401 without a user, 403 for an unverified one.
    Verified = Guard::active().verified();
    /// The active superuser of the request; 401 without a user, 403 for an ordinary one, and for an unverified one if the engine
    /// requires verified addresses.
    Superuser = Guard::active().superuser();
    /// The active superuser of the request, if their address is verified; 401 without a user, 403 for any other user.
    VerifiedSuperuser = Guard::active().verified().superuser();
    /// The active user of the request, if they have logged in recently (by default within ten minutes); 401 without a user, 403
    /// `REAUTHENTICATION_REQUIRED` for an older login, and `IMPERSONATED_SESSION` if a superuser
    /// [acts as the user](crate::Administration::impersonate).
    Fresh = Guard::active().fresh();
    /// The active user of the request, if a second factor was proved in the session; 401 without a user, 403 `SECOND_FACTOR_REQUIRED`
    /// for a session without one, also for a user who has none. A [step-up](crate::factors::Factors::step_up) proves it.
    Strong = Guard::active().strong();
    /// The active user of the request, if a second factor was proved in the session and the user has logged in recently; 401 and 403 as
    /// [`Strong`] and [`Fresh`].
    FreshStrong = Guard::active().strong().fresh();
}

macro_rules! administrators {
    ($($user:ident)*) => {$(
        impl<M: UserManager> $user<M> {
            /// The proof for the operations of [`Administration`](crate::Administration).
            pub fn admin(&self) -> Admin {
                Admin::guarded(&self.0)
            }
        }
    )*};
}

administrators!(Superuser VerifiedSuperuser);

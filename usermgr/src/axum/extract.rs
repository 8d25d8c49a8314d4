//! Extractors: a handler that takes one of these is called only for such a user. `Option<..>` of each is `None` if the plain one
//! would respond with 401 or 403. If the store fails, both respond with 503.

use std::sync::Arc;

use ::axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::Response,
};

use super::mount::{ip, respond};
use crate::{
    http::{
        CurrentUser, Fresh, FreshStrong, Problem, RequestContext, Requires, Strong, Superuser, Verified,
        VerifiedSuperuser,
    },
    manager::UserManager,
    permissions::{Needs, Permits},
};

fn refuse(problem: Problem) -> Response {
    respond(problem.into_outgoing())
}

macro_rules! extractors {
    ($(($($ip:ident)?) [$($parameters:tt)*] $extractor:ty;)*) => {$(
        impl<$($parameters)*, S> FromRequestParts<S> for $extractor
        where
            S: Send + Sync,
            Arc<M>: FromRef<S>,
        {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
                Self::of(&*Arc::<M>::from_ref(state), parts $(, $ip(parts))?).await.map_err(refuse)
            }
        }

        impl<$($parameters)*, S> OptionalFromRequestParts<S> for $extractor
        where
            S: Send + Sync,
            Arc<M>: FromRef<S>,
        {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
                Self::optional(&*Arc::<M>::from_ref(state), parts $(, $ip(parts))?).await.map_err(refuse)
            }
        }
    )*};
}

impl<M, S> FromRequestParts<S> for RequestContext<M>
where
    M: UserManager,
    S: Send + Sync,
    Arc<M>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        Self::of(&*Arc::<M>::from_ref(state), parts, ip(parts)).await.map_err(refuse)
    }
}

extractors! {
    () [M: UserManager] CurrentUser<M>;
    () [M: UserManager] Verified<M>;
    () [M: UserManager] Superuser<M>;
    () [M: UserManager] VerifiedSuperuser<M>;
    () [M: UserManager] Fresh<M>;
    () [M: UserManager] Strong<M>;
    () [M: UserManager] FreshStrong<M>;
    (ip) [M: Permits, N: Needs<M::Permission>] Requires<M, N>;
}

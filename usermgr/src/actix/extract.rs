//! Extractors: a handler that takes one of these is called only for such a user. [`Optional`] of each is `None` if the plain one would
//! respond with 401 or 403. If the store fails, both respond with 503.

use std::{fmt, future::Future, ops::Deref, pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode, web::Data};

use super::{
    alone,
    convert::{ip, parts, respond},
};
use crate::{
    http::{
        CurrentUser, Fresh, FreshStrong, Outgoing, Problem, RequestContext, Requires, Strong, Superuser, Verified,
        VerifiedSuperuser,
    },
    manager::UserManager,
    permissions::{Needs, Permits},
};

/// The user, if there is one with the right. If the store fails, `Optional<CurrentUser>` responds with 503, as `CurrentUser` does.
///
/// actix-web's own `Option<CurrentUser>` cannot distinguish these cases: it is `None` also if the session could not be looked up.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::actix::{CurrentUser, Optional};
///
/// async fn hello(user: Optional<CurrentUser<Accounts>>) -> String {
///     user.as_ref().map_or("hello".to_owned(), |user| format!("hello, {}", user.email))
/// }
/// ```
pub struct Optional<T>(Option<T>);

impl<T> Optional<T> {
    /// Returns the user by value.
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T> Deref for Optional<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

/// Why a handler was not called: a response of this library in the form that actix-web passes on.
#[derive(Debug)]
pub struct Refusal(Box<Outgoing>);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem.into_outgoing()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request was answered with {}", self.0.status)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        respond(&self.0)
    }
}

/// The manager in the data of the application.
fn manager<M: UserManager>(request: &HttpRequest) -> Result<Arc<M>, Refusal> {
    if alone::is_contested::<M>() {
        tracing::error!(target: "usermgr", "an extractor found two managers of one type in one place: mount each in its own scope");
        return Err(Problem::misconfigured().into());
    }
    let data = request.app_data::<Data<M>>();
    data.map(|data| Arc::clone(data)).ok_or_else(|| {
        tracing::error!(
            target: "usermgr",
            "an extractor found no manager: configure the app with `usermgr::actix`, or give it `.app_data(Data::from(manager))`"
        );
        Problem::misconfigured().into()
    })
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>>>>;

macro_rules! extractors {
    ($(($($ip:ident)?) [$($parameters:tt)*] $extractor:ty;)*) => {$(
        impl<$($parameters)*> FromRequest for $extractor {
            type Error = Refusal;
            type Future = Extracted<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let (manager, parts) = (manager::<M>(request), parts(request));
                $(let $ip = $ip(request);)?
                Box::pin(async move { Ok(Self::of(&*manager?, &parts $(, $ip)?).await?) })
            }
        }

        impl<$($parameters)*> FromRequest for Optional<$extractor> {
            type Error = Refusal;
            type Future = Extracted<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let (manager, parts) = (manager::<M>(request), parts(request));
                $(let $ip = $ip(request);)?
                Box::pin(async move { Ok(Self(<$extractor>::optional(&*manager?, &parts $(, $ip)?).await?)) })
            }
        }
    )*};
}

impl<M: UserManager> FromRequest for RequestContext<M> {
    type Error = Refusal;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (manager, parts, ip) = (manager::<M>(request), parts(request), ip(request));
        Box::pin(async move { Ok(Self::of(&*manager?, &parts, ip).await?) })
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

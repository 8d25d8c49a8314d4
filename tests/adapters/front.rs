//! The application of this suite on the framework of the target. What is served is said once for each framework, in `on_axum` and
//! `on_actix`.

use std::sync::Arc;

use usermgr::{
    UserManager,
    http::Routes,
    store::{Directory, SessionStore},
};
use usermgr_tests::{Framework, Target};

use crate::{extractors, handlers, on_actix, on_axum};

/// Calls a function of the module of the framework.
macro_rules! on_framework {
    ($function:ident($($argument:ident),*)) => {
        match Target::of_suite().framework {
            Framework::Axum => on_axum::$function($($argument),*).await,
            Framework::Actix => on_actix::$function($($argument),*).await,
        }
    };
}

/// A route for each extractor.
pub(crate) async fn open(accounts: Arc<extractors::Accounts>) -> String {
    on_framework!(open(accounts))
}

/// Handlers of the application's own that call operations.
pub(crate) async fn handlers(accounts: Arc<handlers::Accounts>) -> String {
    on_framework!(handlers(accounts))
}

/// These routes of the manager, and a route of the application's own.
pub(crate) async fn own<M: UserManager<Store: SessionStore + Directory>>(manager: Arc<M>, routes: Routes<M>) -> String {
    on_framework!(own(manager, routes))
}

/// These routes of the manager, under `/outer`.
pub(crate) async fn mount<M: UserManager<Store: SessionStore + Directory>>(manager: M, routes: Routes<M>) -> String {
    on_framework!(mount(manager, routes))
}

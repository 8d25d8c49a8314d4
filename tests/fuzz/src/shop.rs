//! The application that inputs are sent to: in memory, with cheap hashes, replaced before it grows large.

use std::{cell::RefCell, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderValue, Request, StatusCode, header},
};
use tokio::runtime::Runtime;
use tower::ServiceExt;
use usermgr::{
    Limits,
    password::{Argon2Params, Argon2id},
    prelude::*,
    token::RefreshToken,
};

pub(crate) const SECRET: &str = "only-for-fuzzing-0123456789abcdef-x";
const PASSWORD: &str = "correct horse battery";

/// How many inputs one application is given.
const LIFETIME: usize = 4096;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = SECRET)]
impl Accounts {}

pub(crate) struct Shop {
    accounts: Arc<Accounts>,
    router: Router,
    runtime: Runtime,
    ada: HeaderValue,
    used: usize,
}

thread_local! {
    static SHOP: RefCell<Option<Shop>> = const { RefCell::new(None) };
}

/// Does something with the shop of this thread.
pub(crate) fn with_shop<T>(work: impl FnOnce(&Shop) -> T) -> T {
    SHOP.with_borrow_mut(|shop| {
        if shop.as_ref().is_none_or(|shop| shop.used >= LIFETIME) {
            *shop = Some(Shop::open());
        }
        let shop = shop.as_mut().expect("it was opened");
        shop.used += 1;
        work(shop)
    })
}

impl Shop {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("refresh", Jwt::new().audience("refresh").with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).expect("the least there is")))
            .limits(Limits::dangerous_none())
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine });
        let cx = Context::default();
        let ada = runtime.block_on(async {
            accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.expect("a registration");
            let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "bearer", &cx).await;
            format!("Bearer {}", login.expect("a login").token.expose())
        });
        let router = usermgr::axum::routes::<Accounts, Arc<Accounts>>()
            .merge(usermgr::axum::session_routes())
            .merge(usermgr::axum::directory_routes())
            .fallback(usermgr::axum::not_found)
            .with_state(accounts.clone());
        let ada = HeaderValue::try_from(ada).expect("a token is a header");
        Self { accounts, router, runtime, ada, used: 0 }
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn ask(&self, request: Request<Body>) -> (StatusCode, String) {
        self.wait(async {
            let response = self.router.clone().oneshot(request).await.expect("a router answers");
            let (parts, body) = response.into_parts();
            self.accounts.engine.settle().await;
            let body = to_bytes(body, usize::MAX).await.expect("the body is there");
            (parts.status, String::from_utf8(body.into()).expect("every answer is UTF-8"))
        })
    }

    /// The same from a user who is logged in.
    pub(crate) fn ask_as_ada(&self, mut request: Request<Body>) -> (StatusCode, String) {
        request.headers_mut().insert(header::AUTHORIZATION, self.ada.clone());
        self.ask(request)
    }

    /// Presents a text as each kind of token there is.
    pub(crate) fn refuses(&self, text: &str) {
        let (accounts, cx) = (&self.accounts, Context::default());
        self.wait(async {
            for backend in accounts.engine.backends() {
                assert!(
                    accounts.identify(backend.name(), text).await.expect("no fault").is_none(),
                    "{}",
                    backend.name()
                );
            }
            let verified = accounts.verify(&text.into(), &cx).await;
            assert!(matches!(verified, Err(usermgr::VerifyError::InvalidToken)), "{verified:?}");
            let reset = accounts.reset_password(&text.into(), PASSWORD.into(), &cx).await;
            assert!(matches!(reset, Err(usermgr::ResetError::InvalidToken)), "{reset:?}");
            let changed = accounts.confirm_email_change(&text.into(), &cx).await;
            assert!(matches!(changed, Err(usermgr::ChangeEmailError::InvalidToken)), "{changed:?}");
            let refreshed = accounts.refresh(&RefreshToken::from(text), "refresh", &cx).await;
            assert!(matches!(refreshed, Err(usermgr::RefreshError::InvalidToken)), "{refreshed:?}");
        });
    }
}

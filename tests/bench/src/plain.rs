//! usermgr with the one backend that the floor has by hand: signed tokens without rows, or such that a logout ends. It takes the URL of
//! a database and the kind of token, and says where it listens. With `permissions` it has API keys, and a handler of its own for any
//! user beside one that needs a permission.

use std::{error::Error, sync::Arc};

use axum::{Router, routing::get};
use usermgr::{
    Limits,
    prelude::*,
    store::{CredentialStore, Directory, SessionStore},
    user::AdminUpdate,
};

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-benchmarks-0123456789abcdef")]
impl<S: UserStore<Profile = NoProfile>> Accounts<S> {
    /// Only who has a verified address makes keys.
    async fn on_after_register(&self, user: &UserOf<S>, cx: &Context) -> Result<(), HookError> {
        if self.engine.has_part("api_keys") {
            let verified = AdminUpdate::default().verified(true);
            self.update_user(&Admin::system("bench"), &user.id, verified, cx).await?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("orders:write")]
    OrdersWrite,
}

impl<S: UserStore<Profile = NoProfile>> Permits for Accounts<S> {
    type Permission = Can;

    fn permits(&self, user: &UserOf<S>) -> Permissions<Can> {
        if user.is_active { Permissions::all() } else { Can::OrdersRead.into() }
    }
}

async fn current<S: UserStore<Profile = NoProfile>>(who: usermgr::axum::CurrentUser<Accounts<S>>) -> String {
    who.email.to_string()
}

async fn requires<S: UserStore<Profile = NoProfile>>(
    who: usermgr::axum::Requires<Accounts<S>, can::OrdersWrite>,
) -> String {
    who.email.to_string()
}

async fn serve<S: SessionStore + CredentialStore + Directory<Profile = NoProfile>>(
    store: S,
    kind: &str,
) -> Result<(), Box<dyn Error>> {
    let backend = match kind {
        "plain" | "permissions" => Backend::bearer("jwt", Jwt::new()),
        "revocable" => Backend::bearer("jwt", Jwt::new().revocable()),
        _ => return Err("the kind is `plain`, `revocable` or `permissions`".into()),
    };
    let engine = Engine::builder(store).backend(backend).limits(Limits::dangerous_none());
    let engine = if kind == "permissions" { engine.with(ApiKeys::new("bench")) } else { engine };
    let accounts = Arc::new(Accounts { engine: engine.build()? });
    let own = Router::new().route("/current", get(current::<S>)).route("/requires", get(requires::<S>));
    let app = usermgr::axum::router(accounts.clone())?.merge(own.with_state(accounts));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(kind)) = (arguments.next(), arguments.next()) else {
        return Err("say the URL of a database and the kind of token".into());
    };
    #[cfg(feature = "postgres")]
    let store = PgStore::<NoProfile>::connect(&url).await?;
    #[cfg(not(feature = "postgres"))]
    let store = SqliteStore::<NoProfile>::open(url.strip_prefix("sqlite://").ok_or("it is built for SQLite")?).await?;
    serve(store, &kind).await
}

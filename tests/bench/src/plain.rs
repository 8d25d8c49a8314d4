//! usermgr with the one backend that the floor has by hand: signed tokens without rows, or such that a logout ends. It takes the URL of
//! a database and the kind of token, and says where it listens.

use std::error::Error;

use usermgr::{
    Limits,
    prelude::*,
    store::{Directory, SessionStore},
};

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-benchmarks-0123456789abcdef")]
impl<S: UserStore<Profile = NoProfile>> Accounts<S> {}

async fn serve<S: SessionStore + Directory<Profile = NoProfile>>(store: S, kind: &str) -> Result<(), Box<dyn Error>> {
    let backend = match kind {
        "plain" => Backend::bearer("jwt", Jwt::new()),
        "revocable" => Backend::bearer("jwt", Jwt::new().revocable()),
        _ => return Err("the kind of token is `plain` or `revocable`".into()),
    };
    let engine = Engine::builder(store).backend(backend).limits(Limits::dangerous_none()).build().unwrap();
    let app = usermgr::axum::router(Accounts { engine })?;
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

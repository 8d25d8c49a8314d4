//! Strangers (S12): thousands of requests without an account, with made-up tokens or none, leave no row in any table.

use axum::http::Method;
use serde_json::json;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use usermgr::prelude::*;
use usermgr_tests::Folder;

use crate::world::{Ask, BEARERS, GOOD, World, login_body};

/// How many rows each table has.
async fn rows(pool: &SqlitePool) -> Vec<(String, i64)> {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut rows = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(pool).await.unwrap() {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM \"{table}\""));
        rows.push((table, sqlx::query_scalar::<_, i64>(count).fetch_one(pool).await.unwrap()));
    }
    rows
}

#[tokio::test]
async fn s12_thousands_of_strangers_leave_no_row() {
    let folder = Folder::over(None);
    let world = World::new(SqliteStore::open(folder.file("users.db")).await.unwrap());
    let options = SqliteConnectOptions::new().filename(folder.file("users.db")).read_only(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    world.add("ada@example.com", |_| {}).await;
    // One token of each kind that was valid once, and is not any more.
    let mut ended = Vec::new();
    for backend in BEARERS {
        ended.push(world.login(backend, "ada@example.com", GOOD).await.unwrap());
    }
    let ada = world.user("ada@example.com").await.unwrap();
    world.accounts.revoke_all(&ada, &Context::default()).await.unwrap();
    let before = rows(&pool).await;
    assert!(before.iter().any(|(table, count)| table == "usermgr_users" && *count == 1), "{before:?}");

    let mut asked = 0;
    for number in 0..300 {
        let made_up = format!("{number:043}");
        let (token, renewal) = &ended[number % ended.len()];
        let renewal = renewal.as_ref().unwrap_or(&made_up);
        let mut asks = vec![
            Ask::new(Method::GET, "/users/me"),
            Ask::new(Method::GET, "/users/me").bearer(&made_up),
            Ask::new(Method::GET, "/users/me").cookie(&made_up),
            Ask::new(Method::GET, "/users/me/sessions").bearer(token),
            Ask::new(Method::DELETE, "/users/me/sessions").bearer(token),
            Ask::post("/auth/verify", json!({ "token": made_up })),
            Ask::post("/auth/request-verify-token", json!({ "email": format!("nobody{number}@example.com") })),
            Ask::post("/auth/forgot-password", json!({ "email": format!("nobody{number}@example.com") })),
            Ask::post("/auth/session/login", login_body(&format!("nobody{number}@example.com"), GOOD)),
        ];
        for backend in BEARERS.into_iter().chain(["cookie"]) {
            let logout = || Ask::new(Method::POST, format!("/auth/{backend}/logout"));
            asks.extend([logout(), logout().bearer(token), logout().cookie(&made_up)]);
        }
        asks.extend(
            [&made_up, renewal].map(|token| Ask::post("/auth/refresh/refresh", json!({ "refresh_token": token }))),
        );
        for ask in asks {
            let what = format!("{} {}", ask.method, ask.path);
            // Logging out by a cookie removes it for every caller.
            let expected: &[u16] = if ask.path == "/auth/cookie/logout" { &[204] } else { &[202, 400, 401] };
            let status = world.ask(ask).await.status;
            assert!(expected.contains(&status), "{what}: {status}");
            asked += 1;
        }
    }
    world.settle().await;
    assert!(asked > 8_000, "{asked}");
    assert_eq!(rows(&pool).await, before);
    usermgr_tests::figure("bad inputs tried", asked);
}

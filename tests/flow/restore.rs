//! A copy of the database, taken while the server runs and restored later: what comes back, and what the guide says to do about it.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use usermgr_tests::{Folder, Target};

use super::*;

/// The statements that the guide's page on deploying runs after a restore.
fn statements() -> &'static str {
    let page = include_str!("../../usermgr/docs/deploying.md");
    let (_, behind) = page.split_once("\n-- After a restore\n").unwrap();
    behind.split_once("\n```").unwrap().0
}

/// The cookie of a new session.
async fn cookie(server: &Server) -> String {
    let login = [("username", "ada@example.com"), ("password", PASSWORD)];
    server.client().form("/auth/cookie/login", &login).await.expect(204).cookie()
}

/// The status of a request with this cookie.
async fn status(server: &Server, cookie: &str) -> u16 {
    server.client().with_cookie(cookie).get("/users/me").await.status
}

async fn refresh(server: &Server, token: &str) -> Reply {
    server.client().form("/auth/jwt/refresh", &[("refresh_token", token)]).await
}

#[tokio::test]
async fn what_a_restored_copy_brings_back_ends_by_the_statements_of_the_guide_and_a_new_secret() {
    // The copy is a file, and has the sessions too.
    let beside = Target { database: None, redis: false, ..Target::of_suite() };
    let server = Server::start_in(Arc::new(Folder::on(beside).unwrap()), &[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    let (kept, ended) = (cookie(&server).await, cookie(&server).await);
    let login = server.client().login("ada@example.com", PASSWORD).await.expect(200);
    let (access, first) = (login.token(), login.json()["refresh_token"].as_str().unwrap().to_owned());
    let mailed = forgot(&server, "ada@example.com", 1).await;

    let (database, copy) = (server.database(), server.folder().file("copy.db"));
    let open = async || SqliteConnection::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    let mut connection = open().await;
    connection.execute(AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()))).await.unwrap();
    connection.close().await.unwrap();

    // After the copy a session ends, and a refresh token and a mailed link are used.
    server.client().with_cookie(&ended).post_empty("/auth/cookie/logout").await.expect(204);
    let second = refresh(&server, &first).await.expect(200).json()["refresh_token"].as_str().unwrap().to_owned();
    reset(&server.client(), &mailed, OTHER).await.expect(200);
    assert_eq!([status(&server, &kept).await, status(&server, &ended).await], [401, 401]);

    let folder = server.stop();
    std::fs::copy(&copy, &database).unwrap();
    let server = Server::start_in(folder, &[]);
    assert_eq!([status(&server, &kept).await, status(&server, &ended).await], [200, 200], "the sessions are back");
    refresh(&server, &second).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    server.mail("token_theft", "ada@example.com", 1);
    reset(&server.client(), &mailed, OTHER).await.expect(200);

    let folder = server.stop();
    std::fs::copy(&copy, &database).unwrap();
    let mut connection = open().await;
    connection.execute(statements()).await.unwrap();
    connection.close().await.unwrap();
    let server = Server::start_in(folder, &["--secret=another-one-for-tests-0123456789abcdef"]);
    assert_eq!([status(&server, &kept).await, status(&server, &ended).await], [401, 401]);
    server.client().with_token(access).get("/users/me").await.expect(401);
    for token in [&first, &second] {
        refresh(&server, token).await.expect_detail(400, "REFRESH_BAD_TOKEN");
    }
    assert_eq!(server.mails("token_theft", "ada@example.com").len(), 1, "no honest client counts as a thief");
    reset(&server.client(), &mailed, OTHER).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
    server.client().logged_in("ada@example.com", PASSWORD).await;
    server.stop();
}

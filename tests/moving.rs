//! Moving over: databases made by the real FastAPI Users, and by this library, go into the server's `import-fastapi-users`; their users
//! log in with the passwords they had.

#[path = "moving/credentials.rs"]
mod credentials;
#[path = "moving/layouts.rs"]
mod layouts;
#[path = "moving/source.rs"]
mod source;

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use source::Old;
use usermgr_tests::{DatabaseServer, Folder, PASSWORD, Server, run};

/// Imports and returns the exit code and what was said, line by line. Nothing secret may be among it.
fn import(folder: &Folder, from: &str) -> (i32, Vec<String>) {
    import_with(folder, &["--from", from])
}

fn import_with(folder: &Folder, flags: &[&str]) -> (i32, Vec<String>) {
    let output = run(folder, &[&["import-fastapi-users"], flags].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    let all = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    for secret in ["$argon2", "$2b$", "pbkdf2", "canary", "@example.com"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    (output.status.code().unwrap(), said.lines().map(str::to_owned).collect())
}

fn users(folder: &Folder) -> Vec<Value> {
    let output = run(folder, &["list-users"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn assert_says(said: &[String], line: &str) {
    assert!(said.iter().any(|found| found == line), "no line {line:?} in {said:#?}");
}

/// The messages about the accounts of [`Old`], for each kind of database.
#[track_caller]
fn assert_first_report(old: &Old, said: &[String]) {
    assert_says(said, "reading the tables of FastAPI Users");
    assert_says(said, "imported: 1209, of them without a password: 1");
    assert_says(said, "here already: 0");
    assert_says(said, "left alone: 0");
    assert_says(said, "kept out: 3");
    assert_says(said, "links to other providers imported: 2, left out: 1");
    assert!(said.last().unwrap().starts_with("the access and refresh tokens of other providers were not imported"));
    let old_id = old.id("old@example.com");
    let reason = "its hash is neither Argon2id nor bcrypt, or asks for too much work";
    assert_says(said, &format!("imported without its password: {old_id}: {reason}"));
    let kept_out = |email: &str, reason: &str| assert_says(said, &format!("kept out: {}: {reason}", old.id(email)));
    kept_out("not an address", "its address is invalid: an address needs an @-sign");
    kept_out(
        "dan@b\u{fc}cher.alt",
        "its address is invalid: the part after the @-sign is a special-use or reserved name that cannot receive mail",
    );
    let [one, other] = ["Twin@example.com", "twin@example.com"].map(|email| old.id(email));
    kept_out(if one < other { "twin@example.com" } else { "Twin@example.com" }, "another account here has its address");
    let [ada, carol] = ["Ada.Lovelace@example.com", "carol@example.com"].map(|email| old.id(email));
    let reason = "github: another account is linked to the same one there";
    assert_says(said, &format!("link left out: {}: {reason}", ada.max(carol)));
}

#[tokio::test]
async fn users_of_fastapi_users_log_in_with_their_old_passwords() {
    let Some(old) = Old::fill().await else { return };
    let folder = Arc::new(Folder::new());
    let (code, said) = import(&folder, &old.url());
    assert_eq!(code, 3, "{said:#?}");
    assert_first_report(&old, &said);

    let server = Server::start_in(folder, &[]);
    let client = server.client();
    for (email, superuser) in [
        ("Ada.Lovelace@example.com", false),
        ("bob@example.com", false),
        ("root@example.com", true),
        ("zo\u{eb}+shop@example.com", false),
        ("twin@example.com", false),
        ("user1199@example.com", false),
    ] {
        let form = [("username", email), ("password", PASSWORD)];
        let token = client.form("/auth/jwt/login", &form).await.expect(200).token();
        let me = client.with_token(token).get("/users/me").await.expect(200).json();
        let flags = [&me["is_active"], &me["is_superuser"], &me["is_verified"]].map(|flag| flag.as_bool().unwrap());
        assert_eq!(flags, [true, superuser, superuser], "{email}");
        if email != "twin@example.com" {
            assert_eq!((&me["id"], &me["email"]), (&json!(old.id(email)), &json!(email)));
        }
    }
    // The bytes that were typed, which are not of the normal form.
    client.login("decomposed@example.com", "zoe\u{308} and company").await.expect(200);
    client.login("decomposed@example.com", "zo\u{eb} and company").await.expect(200);
    for (email, password) in [
        ("bob@example.com", "correct horse batterz"),
        ("idle@example.com", PASSWORD),
        ("old@example.com", PASSWORD),
        ("old@example.com", ""),
        ("carol@example.com", PASSWORD),
        ("not an address", PASSWORD),
    ] {
        let reply = client.login(email, password).await;
        assert!([400, 422].contains(&reply.status), "{email}: {}", reply.status);
    }
    // Without its password an account is reset by mail, as any other.
    client.post("/auth/forgot-password", json!({ "email": "old@example.com" })).await.expect(202);
    let token = server.mailed_token("forgot", "old@example.com", 1);
    client.post("/auth/reset-password", json!({ "token": token, "password": PASSWORD })).await.expect(200);
    client.login("old@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_second_import_changes_nothing_and_leaves_alone_what_has_changed() {
    let Some(old) = Old::fill().await else { return };
    let folder = Arc::new(Folder::new());
    import(&folder, &old.url());
    let before = users(&folder);
    assert_eq!(before.len(), 1209);
    let (code, said) = import(&folder, &old.url());
    assert_eq!((code, users(&folder)), (3, before), "{said:#?}");
    assert_says(&said, "imported: 0, of them without a password: 0");
    // One of two that were linked to the same identity has it not.
    assert_says(&said, "here already: 1208");
    assert_says(&said, "left alone: 1");
    assert_says(&said, "kept out: 3");

    // One login rehashes the password, and another user changes the address.
    let server = Server::start_in(folder, &[]);
    let client = server.client();
    client.login("bob@example.com", PASSWORD).await.expect(200);
    let user = client.logged_in("user7@example.com", PASSWORD).await;
    user.patch("/users/me", json!({ "email": "seven@example.com" })).await.expect(200);
    let folder = server.stop();
    let before = users(&folder);
    let (_, said) = import(&folder, &old.url());
    assert_eq!(users(&folder), before);
    let left = |email: &str, what: &str| {
        assert_says(&said, &format!("left alone: {}: {what} differs from what is here already", old.id(email)));
    };
    left("bob@example.com", "its password");
    left("user7@example.com", "its address");
    // A user who registered in the old application since then is imported.
    old.join("late@example.com").await;
    let (_, said) = import(&folder, &old.url());
    assert_says(&said, "imported: 1, of them without a password: 0");
    Server::start_in(folder, &[]).client().login("late@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn fastapi_users_in_postgres_is_read_as_in_sqlite() {
    let Some(old) = Old::fill().await else { return };
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    old.copy_to_postgres(database.url()).await;
    let (here, there) = (Folder::over(None), Folder::over(None));
    let url = database.url().replacen("postgres://", "postgresql+asyncpg://", 1);
    let (code, said) = import(&there, &url);
    assert_eq!(code, 3, "{said:#?}");
    assert_first_report(&old, &said);
    assert_eq!(import(&here, &old.url()).1, said);
    let comparable = |folder| {
        let mut users = users(folder);
        users.iter_mut().for_each(|user| drop(user["created_at"].take()));
        users
    };
    assert_eq!(comparable(&here), comparable(&there));
}

#[tokio::test]
async fn an_application_grows_from_sqlite_to_postgres() {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let small = Server::start_in(Arc::new(Folder::over(None)), &[]);
    small.client().joined("Ada@example.com").await;
    small.superuser("root@example.com").await;
    let mut logged_in = Vec::new();
    for email in ["ada@example.com", "root@example.com"] {
        let token = small.client().login(email, PASSWORD).await.token();
        logged_in.push((token.clone(), small.client().with_token(token).get("/users/me").await.expect(200).json()));
    }
    small.client().post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.expect(202);
    let reset = small.mailed_token("forgot", "Ada@example.com", 1);
    let small = small.stop();
    let url = small.database_url();

    let large = Arc::new(Folder::over(Some(database)));
    let (code, said) = import(&large, &url);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "reading the tables of usermgr");
    assert_says(&said, "imported: 2, of them without a password: 0");
    assert_eq!(users(&large), users(&small));
    let (code, said) = import(&large, &url);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "here already: 2");

    // Sessions stay behind. The stamps came too: a mail that is under way stays good.
    let large = Server::start_in(large, &[]);
    for (token, known) in logged_in {
        large.client().with_token(token).get("/users/me").await.expect(401);
        let token = large.client().login(known["email"].as_str().unwrap(), PASSWORD).await.expect(200).token();
        assert_eq!(large.client().with_token(token).get("/users/me").await.expect(200).json(), known);
    }
    let client = large.client();
    let new = "another long enough one";
    client.post("/auth/reset-password", json!({ "token": reset, "password": new })).await.expect(200);
    client.login("ada@example.com", new).await.expect(200);

    // And back.
    let back = Folder::over(None);
    assert_eq!(import(&back, &large.folder().database_url()).0, 0);
    assert_eq!(users(&back).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_imported_at_all_is_said() {
    let folder = Folder::new();
    let made = async |name: &str, statement: &str| source::database(&folder.file(name), &[statement]).await;
    let numbers =
        made("numbers.db", "CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, hashed_password TEXT)").await;
    let strange = made("strange.db", "CREATE TABLE user (id CHAR(36), name TEXT)").await;
    let empty = made("empty.db", "CREATE TABLE orders (id INTEGER)").await;
    let missing = format!("sqlite://{}", folder.file("missing.db").display());
    for (from, expected) in [
        (numbers.as_str(), "the ids of the table `user` are numbers; those of this server are UUIDs"),
        (&strange, "the one named `user` has no column `email`"),
        (&empty, "neither a table `user` of FastAPI Users nor one of usermgr"),
        (&missing, "there is no file"),
        ("mysql://localhost/shop", "users can be imported from SQLite and PostgreSQL"),
        ("shop.db", "needs a URL"),
    ] {
        let output = run(&folder, &["import-fastapi-users", "--from", from]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{from}: {said}");
        assert!(said.contains(expected), "{from}: {said}");
    }
    assert!(!Path::new(&folder.file("missing.db")).exists(), "reading makes no database");
}

#[tokio::test]
async fn odd_ids_and_hashes_are_distinguished() {
    let folder = Folder::new();
    let from = source::database(
        &folder.file("odd.db"),
        &[
            "CREATE TABLE user (id CHAR(32), email TEXT, hashed_password TEXT, is_active BOOLEAN, is_superuser BOOLEAN, \
             is_verified BOOLEAN)",
            // As SQLAlchemy's own type writes a UUID.
            "INSERT INTO user VALUES ('0189000000007000800000000000abcd', 'ada@example.com', '', 1, 0, 1)",
            "INSERT INTO user VALUES ('x', 'bob@example.com', '', 1, 0, 0)",
            "INSERT INTO user VALUES ('0189000000007000800000000000abce', 'eve@example.com', \
             '$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OWFiY2RlZg', 0, 0, 0)",
        ],
    )
    .await;
    let (code, said) = import(&folder, &from);
    assert_eq!(code, 3);
    assert_says(&said, "kept out: x: its id is no UUID");
    assert_says(&said, "imported: 2, of them without a password: 1");
    assert_says(&said, "links to other providers imported: 0, left out: 0");
    let users = users(&folder);
    assert_eq!(users[0]["id"], "01890000-0000-7000-8000-00000000abcd");
    assert_eq!((&users[0]["is_verified"], &users[1]["is_active"]), (&json!(true), &json!(false)));
}

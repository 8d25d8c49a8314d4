//! What belongs to the accounts of a usermgr database: second factors, recovery codes, passkeys, API keys, rows of other kinds, and tokens
//! that were ended.

use std::{process::Command, sync::Arc};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use usermgr::testing::FakeAuthenticator;
use usermgr_tests::{Database, DatabaseServer, Folder, PASSWORD, Server, run, skip};

use crate::{assert_says, import, import_with, source::database};

const FLAGS: [&str; 8] =
    ["--totp", "Shop", "--api-keys", "shop", "--passkeys", "shop.example", "--base-url", "https://www.shop.example"];
const LATER: i64 = 4_000_000_000_000_000;

/// The code that `oathtool` shows for a secret in so many seconds. `None` on a machine without it.
fn shown(secret: &str, seconds: u32) -> Option<String> {
    let at = format!("now + {seconds} seconds");
    let Ok(output) = Command::new("oathtool").args(["--totp", "-b", secret, "--now", &at]).output() else {
        skip("no app shows codes: oathtool is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// All columns of the credentials in a SQLite file, as JSON.
async fn rows(folder: &Folder) -> Vec<String> {
    let url = format!("sqlite://{}", folder.file("users.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let text = "SELECT json_array(id, hex(user_id), kind, lookup, label, data, version, created_at, used_at, expires_at) FROM \
                usermgr_credentials ORDER BY id";
    sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap()
}

async fn ended_tokens(folder: &Folder) -> Vec<(String, i64)> {
    let url = format!("sqlite://{}", folder.file("users.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let text = "SELECT id, expires_at FROM usermgr_ended_tokens WHERE id LIKE 'test-%' ORDER BY id";
    sqlx::query_as(text).fetch_all(&mut connection).await.unwrap()
}

/// The token of a login that waits for its second step.
async fn pending(server: &Server, email: &str) -> Value {
    let reply = server.client().login(email, PASSWORD).await.expect(400).json();
    assert_eq!(reply["detail"]["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
    reply["detail"]["pending_token"].clone()
}

/// Two users with what they have besides their passwords.
struct Owned {
    folder: Arc<Folder>,
    secret: String,
    recovery_code: Value,
    key: String,
    phone: FakeAuthenticator,
}

/// Ada has an authenticator app with recovery codes and an API key, Carol a passkey. Ada also has a row of an application.
async fn owned() -> Option<Owned> {
    let server = Server::start_in(Arc::new(Folder::over(None)), &FLAGS);
    let ada = server.superuser("ada@example.com").await;
    let key = ada.post("/users/me/api-keys", json!({ "scopes": ["account:read"], "label": "nightly" })).await;
    let key = key.expect(201).json()["key"].as_str().unwrap().to_owned();
    let begun = ada.post_empty("/users/me/factors/totp").await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let body = json!({ "pending_token": begun["pending_token"], "code": shown(&secret, 0)? });
    let added = ada.post("/users/me/factors/totp/confirm", body).await.expect(200).json();
    server.client().with_token(&key).get("/demo/account").await.expect(200);

    let carol = server.superuser("carol@example.com").await;
    let mut phone = FakeAuthenticator::new("https://www.shop.example");
    let begun = carol.post("/users/me/factors/passkeys", json!({})).await.expect(200).json();
    let credential = phone.create(&begun["options"]);
    let answer = json!({ "pending_token": begun["pending_token"], "credential": credential, "label": "my phone" });
    carol.post("/users/me/factors/passkeys/confirm", answer).await.expect(200);

    let folder = server.stop();
    let badge = format!(
        "INSERT INTO usermgr_credentials SELECT 'badge', id, 'shop:badge', 'lookup', 'the blue one', '{{}}', 7, 1, 2, {LATER} FROM \
         usermgr_users WHERE email_key = 'ada@example.com'"
    );
    let tokens = format!("INSERT INTO usermgr_ended_tokens VALUES ('test-ended', {LATER}), ('test-expired', 1)");
    database(&folder.file("users.db"), &[&badge, &tokens]).await;
    Some(Owned { folder, secret, recovery_code: added["recovery_codes"][0].clone(), key, phone })
}

impl Owned {
    /// Moves them into a database, where everything works with the same secrets.
    async fn move_to(mut self, place: Database) {
        let folder = Arc::new(Folder::over(Some(place)));
        let (code, said) = import(&folder, &self.folder.database_url());
        assert_eq!(code, 0, "{said:#?}");
        for kind in ["api_key", "passkey", "shop:badge", "totp"] {
            assert_says(&said, &format!("credentials of the kind `{kind}` imported: 1, left out: 0"));
        }
        assert_says(&said, "ended and used tokens imported: 1");
        // A second time, nothing is written twice.
        let (code, said) = import(&folder, &self.folder.database_url());
        assert_eq!(code, 0, "{said:#?}");
        assert_says(&said, "here already: 2");
        assert_says(&said, "ended and used tokens imported: 0");
        self.compare_on_the_way_back(&folder).await;

        let server = Server::start_in(folder, &FLAGS);
        let client = server.client();
        client.with_token(&self.key).get("/demo/account").await.expect(200);
        let step = async |answer: Value| client.post("/auth/jwt/login/second-factor", answer).await;
        let wrong = json!({ "pending_token": pending(&server, "ada@example.com").await, "code": "000000" });
        step(wrong).await.expect_detail(400, "LOGIN_BAD_SECOND_FACTOR");
        let Some(next) = shown(&self.secret, 30) else { return };
        let right = json!({ "pending_token": pending(&server, "ada@example.com").await, "code": next });
        step(right).await.expect(200);
        let token = pending(&server, "ada@example.com").await;
        step(json!({ "pending_token": token, "recovery_code": self.recovery_code })).await.expect(200);

        pending(&server, "carol@example.com").await;
        let begun = client.post("/auth/jwt/login/passkey-options", json!({})).await.expect(200).json();
        let credential = self.phone.get(&begun["options"]);
        let answer = json!({ "pending_token": begun["pending_token"], "credential": credential });
        let token = client.post("/auth/jwt/login/passkey", answer).await.expect(200).token();
        let me = client.with_token(token).get("/users/me").await.expect(200).json();
        assert_eq!(me["email"], "carol@example.com");
    }

    /// Every column is the same after the way back, which only PostgreSQL has.
    async fn compare_on_the_way_back(&self, large: &Folder) {
        if large.target().database != Some(DatabaseServer::Postgres) {
            return;
        }
        let back = Folder::over(None);
        let (code, said) = import(&back, &large.database_url());
        assert_eq!(code, 0, "{said:#?}");
        assert_eq!(rows(&back).await, rows(&self.folder).await);
        assert_eq!(ended_tokens(&back).await, [("test-ended".to_owned(), LATER)]);
    }
}

#[tokio::test]
async fn mf1_the_second_step_and_the_keys_move_from_sqlite_to_postgres() {
    let Some(place) = DatabaseServer::Postgres.database() else { return };
    let Some(owned) = owned().await else { return };
    owned.move_to(place).await;
}

#[tokio::test]
async fn mf1_the_second_step_and_the_keys_move_from_sqlite_to_mariadb() {
    let Some(place) = DatabaseServer::MariaDb.database() else { return };
    let Some(owned) = owned().await else { return };
    owned.move_to(place).await;
}

/// An account as this library stores it.
fn account(prefix: &str, number: u8, email: &str) -> String {
    format!(
        "INSERT INTO {prefix}users (id, email, email_key, is_active, is_superuser, is_verified, created_at, stamp, version, profile) \
         VALUES (X'018900000000700080000000000000{number:02}', '{email}', '{email}', 1, 0, 1, 1767225600000000, \
         X'07070707070707070707070707070707', 3, '{{}}')"
    )
}

fn credential(prefix: &str, number: u8, [id, kind, lookup]: [&str; 3]) -> String {
    format!(
        "INSERT INTO {prefix}credentials VALUES ('{id}', X'018900000000700080000000000000{number:02}', '{kind}', '{lookup}', NULL, '{{}}', \
         0, 1, NULL, NULL)"
    )
}

fn id(number: u8) -> String {
    format!("01890000-0000-7000-8000-0000000000{number:02}")
}

#[tokio::test]
async fn mf1_an_account_is_not_there_without_its_second_factor_and_what_is_left_out_is_reported() {
    let (old, folder) = (Folder::over(None), Folder::over(None));
    for folder in [&old, &folder] {
        assert!(run(folder, &["migrate"]).status.success());
    }
    let prefix = "usermgr_";
    let from = database(
        &old.file("users.db"),
        &[
            &account(prefix, 1, "ada@x.example"),
            &credential(prefix, 1, ["a", "shop:badge", "free"]),
            &account(prefix, 2, "bob@x.example"),
            &credential(prefix, 2, ["b", "shop:badge", "taken"]),
            &credential(prefix, 2, ["c", "totp", "b"]),
            &account(prefix, 3, "carol@x.example"),
            &credential(prefix, 3, ["d", "totp", "d"]),
        ],
    )
    .await;
    let here = [
        account(prefix, 9, "root@x.example"),
        credential(prefix, 9, ["z", "shop:badge", "taken"]),
        account(prefix, 3, "carol@x.example"),
    ];
    let here: Vec<_> = here.iter().map(String::as_str).collect();
    database(&folder.file("users.db"), &here).await;
    for (imported, present, left_out) in [(1, 0, 1), (0, 1, 1)] {
        let (code, said) = import_with(&folder, &["--from", &from]);
        assert_eq!(code, 3, "{said:#?}");
        let reason = "another account here has its credential of the kind `shop:badge`";
        assert_says(&said, &format!("kept out: {}: {reason}", id(2)));
        let reason = "the account is here already, without it";
        assert_says(&said, &format!("credential left out: {}: totp: {reason}", id(3)));
        assert_says(&said, &format!("left alone: {}: a credential differs from what is here already", id(3)));
        assert_says(&said, &format!("imported: {imported}, of them without a password: 0"));
        assert_says(&said, &format!("here already: {present}"));
        assert_says(&said, "credentials of the kind `totp` imported: 0, left out: 2");
        assert_says(&said, &format!("credentials of the kind `shop:badge` imported: {imported}, left out: {left_out}"));
    }
    let kept = rows(&folder).await;
    assert_eq!(kept.len(), 2, "{kept:?}");
}

#[tokio::test]
async fn the_credentials_are_those_beside_the_named_table() {
    let old = Folder::over(None);
    assert!(run(&old, &["migrate", "--table-prefix", "shop_"]).status.success());
    let statements = [account("shop_", 1, "ada@x.example"), credential("shop_", 1, ["a", "totp", "a"])];
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    let from = database(&old.file("users.db"), &statements).await;
    let flags = ["--from", from.as_str(), "--table", "shop_users"];
    let (folder, other) = (Folder::over(None), Folder::over(None));
    let (code, said) = import_with(&folder, &flags);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "credentials of the kind `totp` imported: 1, left out: 0");
    assert_eq!(rows(&folder).await.len(), 1);

    // Accounts that may have lost something are reported.
    let mut connection = SqliteConnection::connect(&from).await.unwrap();
    for table in ["shop_credentials", "shop_ended_tokens"] {
        sqlx::query(AssertSqlSafe(format!("DROP TABLE {table}"))).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let (code, said) = import_with(&other, &flags);
    assert_eq!(code, 3, "{said:#?}");
    assert_says(&said, "no credentials are read: there is no table `shop_credentials`");
    assert_says(&said, "no ended tokens are read: there is no table `shop_ended_tokens`");
}

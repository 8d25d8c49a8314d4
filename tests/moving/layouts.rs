//! Databases that are not as FastAPI Users itself makes them: tables of other names, flags and times in other forms.

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use usermgr_tests::{DatabaseServer, Folder};

use crate::{assert_says, import, import_with, run, source::database, users};

/// The columns as an application may have declared them.
const COLUMNS: &str = "id CHAR(36), email TEXT, hashed_password TEXT, is_active, is_superuser, is_verified";

fn id(number: usize) -> String {
    format!("01890000-0000-7000-8000-{number:012}")
}

/// An account of which the flags are written so, as SQL.
fn row(table: &str, number: usize, flags: [&str; 3]) -> String {
    let flags = flags.join(", ");
    format!("INSERT INTO {table} VALUES ('{}', 'user{number}@example.com', '', {flags})", id(number))
}

#[tokio::test]
async fn u11_a_flag_is_read_in_every_spelling_and_another_text_keeps_the_account_out() {
    let folder = Folder::new();
    let spellings = [
        (["1", "0", "1"], [true, false, true]),
        (["'true'", "'false'", "'True'"], [true, false, true]),
        (["'TRUE'", "'FALSE'", "'t'"], [true, false, true]),
        (["'f'", "'T'", "'F'"], [false, true, false]),
        (["'yes'", "'no'", "'Y'"], [true, false, true]),
        (["'n'", "'on'", "'Off'"], [false, true, false]),
        (["1.0", "0.0", "' 1 '"], [true, false, true]),
    ];
    let strange = [
        (["NULL", "0", "0"], "is_active"),
        (["1", "'maybe'", "0"], "is_superuser"),
        (["1", "0", "''"], "is_verified"),
        (["2", "0", "0"], "is_active"),
        (["X'01'", "0", "0"], "is_active"),
    ];
    let mut statements = vec![format!("CREATE TABLE user ({COLUMNS})")];
    let flags = spellings.iter().map(|(flags, _)| *flags).chain(strange.iter().map(|(flags, _)| *flags));
    statements.extend(flags.enumerate().map(|(number, flags)| row("user", number, flags)));
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    let from = database(&folder.file("spellings.db"), &statements).await;

    let (code, said) = import(&folder, &from);
    assert_eq!(code, 3, "{said:#?}");
    assert_says(&said, &format!("kept out: {}", strange.len()));
    for (number, (_, column)) in strange.iter().enumerate() {
        let id = id(spellings.len() + number);
        assert_says(&said, &format!("kept out: {id}: its `{column}` says neither yes nor no"));
    }
    let users = users(&folder);
    assert_eq!(users.len(), spellings.len());
    for (number, (written, read)) in spellings.iter().enumerate() {
        let user = users.iter().find(|user| user["id"] == json!(id(number))).unwrap();
        let found = [&user["is_active"], &user["is_superuser"], &user["is_verified"]];
        assert_eq!(found.map(|flag| flag.as_bool().unwrap()), *read, "{written:?}");
    }
}

#[tokio::test]
async fn the_tables_are_those_that_are_named() {
    let folder = Folder::new();
    let from = database(
        &folder.file("named.db"),
        &[
            &format!("CREATE TABLE members ({COLUMNS})"),
            &row("members", 1, ["1", "0", "1"]),
            "CREATE TABLE member_links (user_id CHAR(36), oauth_name TEXT, account_id TEXT, account_email TEXT)",
            &format!("INSERT INTO member_links VALUES ('{}', 'github', '7', NULL)", id(1)),
            // Of the usual name, and of another kind.
            "CREATE TABLE user (id INTEGER PRIMARY KEY, nickname TEXT)",
            "CREATE TABLE oauth_account (id INTEGER PRIMARY KEY, provider TEXT)",
        ],
    )
    .await;
    for (flags, expected) in [
        (vec!["--from", &from], "perhaps it is another one, which is named by --table: members"),
        (vec!["--from", &from, "--table", "unknown"], "there is no table `unknown`"),
        (
            vec!["--from", &from, "--table", "user"],
            "the table `user` is neither one of FastAPI Users nor one of usermgr",
        ),
        (vec!["--from", &from, "--table", "members", "--oauth-table", "nothing"], "there is no table `nothing`"),
        (
            vec!["--from", &from, "--table", "members", "--oauth-table", "user"],
            "the table `user` has no column `user_id`",
        ),
    ] {
        let output = run(&folder, &[&["import-fastapi-users"], flags.as_slice()].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(expected), "{flags:?}: {said}");
    }

    // Links of another kind are reported, and the accounts are imported.
    let other = Folder::new();
    let (code, said) = import_with(&other, &["--from", &from, "--table", "members"]);
    assert_eq!(code, 3, "{said:#?}");
    assert_says(&said, "the table `oauth_account` is not read: it has no column `user_id`");
    assert_says(&said, "imported: 1, of them without a password: 0");

    let (code, said) = import_with(&folder, &["--from", &from, "--table", "members", "--oauth-table", "member_links"]);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "links to other providers imported: 1, left out: 0");
    assert_eq!(users(&folder)[0]["is_verified"], true);
}

/// Before the first release, identities had their own table.
#[tokio::test]
async fn the_links_of_a_database_from_before_the_first_release_are_imported() {
    let (folder, old) = (Folder::over(None), Folder::over(None));
    assert!(run(&old, &["migrate"]).status.success());
    let from = database(
        &old.file("users.db"),
        &[
            "INSERT INTO usermgr_users (id, email, email_key, is_active, is_superuser, is_verified, created_at, stamp, version, \
             profile) VALUES (X'01890000000070008000000000000001', 'Ada@example.com', 'ada@example.com', \
             1, 0, 1, 1767225600000000, X'07070707070707070707070707070707', 3, '{}')",
            "DROP TABLE usermgr_credentials",
            "CREATE TABLE usermgr_oauth_accounts (provider TEXT NOT NULL, subject TEXT NOT NULL, user_id BLOB NOT NULL, email TEXT)",
            "INSERT INTO usermgr_oauth_accounts VALUES ('github', '583231', X'01890000000070008000000000000001', 'a@b.example'), \
             ('gitlab', '7', X'01890000000070008000000000000001', NULL)",
        ],
    )
    .await;
    let (code, said) = import(&folder, &from);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "reading the tables of usermgr");
    assert_says(&said, "links to other providers imported: 2, left out: 0");
    let users = users(&folder);
    assert_eq!((users.len(), &users[0]["id"], &users[0]["is_verified"]), (1, &json!(id(1)), &json!(true)));
    let url = format!("sqlite://{}", folder.file("users.db").display());
    let mut here = SqliteConnection::connect(&url).await.unwrap();
    let text =
        "SELECT kind, data ->> 'provider', data ->> 'subject', data ->> 'email' FROM usermgr_credentials ORDER BY 2";
    let links: Vec<(String, String, String, Option<String>)> = sqlx::query_as(text).fetch_all(&mut here).await.unwrap();
    let link = |provider: &str, subject: &str, email: Option<&str>| {
        ("identity".to_owned(), provider.to_owned(), subject.to_owned(), email.map(str::to_owned))
    };
    assert_eq!(links, [link("github", "583231", Some("a@b.example")), link("gitlab", "7", None)]);
}

#[tokio::test]
async fn a_table_of_another_kind_is_passed_over() {
    let folder = Folder::new();
    let ours = Folder::over(None);
    assert!(run(&ours, &["migrate"]).status.success());
    let from = database(&ours.file("users.db"), &["CREATE TABLE user (id INTEGER PRIMARY KEY, nickname TEXT)"]).await;
    let (code, said) = import(&folder, &from);
    assert_eq!(code, 0, "{said:#?}");
    assert_says(&said, "reading the tables of usermgr");

    let incomplete = "CREATE TABLE user (id CHAR(36), email TEXT, hashed_password TEXT, is_active BOOLEAN)";
    let from = database(&folder.file("incomplete.db"), &[incomplete]).await;
    let output = run(&folder, &["import-fastapi-users", "--from", &from]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the table `user` of FastAPI Users has no column `is_superuser`"), "{said}");
}

#[tokio::test]
async fn times_of_creation_come_over_where_there_are_any() {
    let folder = Folder::new();
    let times = [
        ("'2021-03-04 05:06:07.250000'", Some("2021-03-04T05:06:07.25Z")),
        ("'2021-03-04T06:06:07+01:00'", Some("2021-03-04T05:06:07Z")),
        ("1614834367", Some("2021-03-04T05:06:07Z")),
        ("1614834367250", Some("2021-03-04T05:06:07.25Z")),
        ("NULL", None),
        ("'last spring'", None),
    ];
    let mut statements = vec![format!("CREATE TABLE user ({COLUMNS}, created_at)")];
    for (number, (time, _)) in times.iter().enumerate() {
        let row = row("user", number, ["1", "0", "0"]);
        statements.push(row.replace(", 1, 0, 0)", &format!(", 1, 0, 0, {time})")));
    }
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    let from = database(&folder.file("times.db"), &statements).await;
    let (code, said) = import(&folder, &from);
    assert_eq!(code, 3, "{said:#?}");
    assert_says(&said, &format!("imported as made now: {}: its time of creation cannot be read", id(5)));
    assert_says(&said, "imported: 6, of them without a password: 0");
    for user in users(&folder) {
        let number = times.iter().enumerate().position(|(number, _)| user["id"] == json!(id(number))).unwrap();
        match times[number].1 {
            Some(time) => assert_eq!(user["created_at"], time),
            None => assert!(user["created_at"].as_str().unwrap() > "2026", "{user}"),
        }
    }
}

#[tokio::test]
async fn postgres_has_schemas_and_types_of_its_own() {
    let Some(old) = DatabaseServer::Postgres.database() else { return };
    let mut connection = PgConnection::connect(old.url()).await.unwrap();
    for statement in [
        "CREATE SCHEMA shop".to_owned(),
        "CREATE TABLE shop.\"Members\" (id UUID, email TEXT, hashed_password TEXT, is_active BOOLEAN, is_superuser SMALLINT, \
         is_verified TEXT, created_at TIMESTAMPTZ)"
            .to_owned(),
        format!(
            "INSERT INTO shop.\"Members\" VALUES ('{}', 'ada@example.com', '', TRUE, 0, 'yes', '2021-03-04 06:06:07.25+01')",
            id(1)
        ),
        format!("INSERT INTO shop.\"Members\" VALUES ('{}', 'bob@example.com', '', NULL, 0, 'no', NULL)", id(2)),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let folder = Folder::over(None);
    let (code, said) = import_with(&folder, &["--from", old.url(), "--table", "shop.Members"]);
    assert_eq!(code, 3, "{said:#?}");
    assert_says(&said, &format!("kept out: {}: its `is_active` says neither yes nor no", id(2)));
    let users = users(&folder);
    assert_eq!(users.len(), 1);
    let read = [&users[0]["is_active"], &users[0]["is_superuser"], &users[0]["is_verified"], &users[0]["created_at"]];
    assert_eq!(read, [&json!(true), &json!(false), &json!(true), &json!("2021-03-04T05:06:07.25Z")]);
}

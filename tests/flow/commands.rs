//! The commands and flags of the server.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};
use usermgr_tests::{Folder, PASSWORD, Server, command, run, run_with_input};

use super::{assert_user, id_of};

#[track_caller]
fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn listed(folder: &Folder) -> Vec<Value> {
    out(&run(folder, &["list-users"])).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn p15_a_migrated_database_has_no_user_and_a_second_migration_changes_nothing() {
    let folder = Folder::new();
    assert_eq!(out(&run(&folder, &["migrate"])), "the database is up to date\n");
    assert_eq!(out(&run(&folder, &["migrate"])), "the database is up to date\n");
    assert_eq!(listed(&folder), Vec::<Value>::new());
}

#[tokio::test]
async fn a_superuser_created_from_standard_input_logs_in_and_administers() {
    let folder = Arc::new(Folder::new());
    let args = ["create-superuser", "--email", "root@example.com", "--password-stdin"];
    let said = out(&run_with_input(&folder, &args, &format!("{PASSWORD}\n")));
    assert!(said.starts_with("created the superuser root@example.com with the id "), "{said}");
    let users = listed(&folder);
    assert_eq!(users.len(), 1);
    assert_user(&users[0], "root@example.com", [true, true, true]);

    let server = Server::start_in(folder, &["--require-verified"]);
    let root = server.client().logged_in("root@example.com", PASSWORD).await;
    root.get("/users").await.expect(200);
    let again = run_with_input(&server.folder(), &args, PASSWORD);
    assert!(refusal(&again).contains("already exists"));
}

#[test]
fn p15_create_superuser_refuses_no_an_empty_and_a_weak_password() {
    let folder = Folder::new();
    let args = ["create-superuser", "--email", "root@example.com", "--password-stdin"];
    for (password, reason) in [
        ("", "the password is empty"),
        ("\n", "the password is empty"),
        ("canary\n", "shorter than 8 characters"),
        ("password1\n", "most common"),
    ] {
        let said = refusal(&run_with_input(&folder, &args, password));
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
    assert!(refusal(&run(&folder, &args[..3])).contains("--password-stdin"));
    assert_eq!(listed(&folder), Vec::<Value>::new());
}

#[tokio::test]
async fn promote_makes_a_verified_superuser_while_the_server_runs_and_knows_no_stranger() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    ada.get("/users").await.expect(403);
    server.promote("ADA@example.com");
    usermgr_tests::known_elsewhere().await;
    ada.get("/users").await.expect(200);
    let users = listed(&server.folder());
    assert_eq!(assert_user(&users[0], "ada@example.com", [true, true, true]), id_of(&ada).await);
    let said = refusal(&run(&server.folder(), &["promote", "--email", "nobody@example.com"]));
    assert!(said.contains("there is no user nobody@example.com"), "{said}");
}

#[test]
fn flags_take_their_words_alone() {
    let folder = Folder::new();
    let said = refusal(&run(&folder, &["list-users", "--answers=loud"]));
    assert!(said.contains("--answers") && said.contains("discreet"), "{said}");
    let off = ["--answers=explicit"];
    assert_eq!(out(&run(&folder, &[&off[..], &["migrate"]].concat())), "the database is up to date\n");
}

#[test]
fn x1_a_database_that_is_not_there_is_named_without_its_password() {
    let folder = Folder::new();
    for (url, expected) in [
        ("postgress://ada:canary@127.0.0.1/shop", "say `sqlite://FILE`"),
        ("sqlite://", "say `sqlite://FILE`"),
        ("postgres://ada:canary@127.0.0.1:1/shop", "shop at 127.0.0.1:1: the server does not answer"),
        ("mysql://ada:canary@127.0.0.1:1/shop", "shop at 127.0.0.1:1: the server does not answer"),
        ("postgres://ada:canary@127.0.0.1:x/shop", "cannot open the database"),
        ("mysql://ada:canary@127.0.0.1/shop?ssl-mode=canary", "cannot open the database"),
    ] {
        let said = refusal(&run(&folder, &["migrate", "--database-url", url]));
        assert!(said.contains(expected), "{url}: {said}");
        assert!(!said.contains("ada:canary"), "{url}: {said}");
    }
}

#[test]
fn x14_insecure_cookies_and_broken_names_and_origins_do_not_start() {
    let folder = Folder::new();
    for (flags, expected) in [
        (&["--cookie-insecure", "--listen=0.0.0.0:0"][..], "loopback"),
        (&["--cookie-name=a b"], "its name must consist of"),
        (&["--allow-origin=example.com"], "is not an origin"),
        (&["--allow-origin=https://APP.example.com"], "write"),
        (&["--allow-origin=https://app.example.com/"], "`https://app.example.com`"),
        (&["--allow-origin=null"], "cannot be allowed"),
        (&["--allow-header=a b"], "not the name of a header"),
    ] {
        let said = refusal(&run(&folder, &[&["list-users"], flags].concat()));
        assert!(said.contains(expected), "{flags:?}: {said}");
    }
    let on = [
        "--cookie-insecure",
        "--cookie-name=sid",
        "--allow-origin=https://a.example,http://b.example:3000,capacitor://localhost",
        "--allow-header=X-Request-Id,traceparent",
        "--trusted-proxies=1",
        "--reads-forwarded",
        "list-users",
    ];
    assert_eq!(out(&run(&folder, &on)), "");
}

#[test]
fn x14_nothing_starts_without_a_secret_or_with_a_short_one() {
    let folder = Folder::new();
    let serve = |secret: Option<&str>| {
        let mut serve = command(&folder);
        serve.env_remove("USERMGR_SECRET").stdin(Stdio::null());
        serve.args(secret.map(|secret| format!("--secret={secret}")));
        refusal(&serve.output().unwrap())
    };
    assert!(serve(None).contains("give --secret or --secret-file"));
    let said = serve(Some("canary"));
    assert!(said.contains("at least 32") && !said.contains("canary"), "{said}");
}

#[tokio::test]
async fn a_secret_file_is_made_once_for_its_owner_alone_and_keeps_tokens_alive() {
    let folder = Arc::new(Folder::new());
    let path = folder.file("root.secret");
    let start = || {
        let mut serve = command(&folder);
        serve.env_remove("USERMGR_SECRET").arg("--secret-file").arg(&path);
        Server::spawn(Arc::clone(&folder), serve)
    };
    let server = start();
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    let access = server.client().login("ada@example.com", PASSWORD).await.token();
    assert!(server.log().contains(path.to_str().unwrap()), "{}", server.log());
    assert_owned_alone(&path);
    let before = std::fs::read(&path).unwrap();
    server.stop();
    let server = start();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let reply = server.client().with_token(access).get("/users/me").await.expect(200);
    assert_user(&reply.json(), "ada@example.com", [true, false, false]);
}

#[track_caller]
fn assert_owned_alone(path: &Path) {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn the_database_and_the_mails_are_their_owners_alone() {
    let server = Server::start(&[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    if server.folder().target().database.is_none() {
        assert_owned_alone(&server.database());
    }
    assert_owned_alone(&server.folder().file("mail.jsonl"));
}

#[tokio::test]
async fn cheap_hashes_are_warned_about_and_the_shortest_password_can_be_set() {
    let server = Server::start(&["--min-password", "20", "--argon2", "128,1,1"]);
    assert!(server.log().contains("warning: --argon2 128,1,1"), "{}", server.log());
    let reason = json!({
        "code": "REGISTER_INVALID_PASSWORD", "reason": "the password is shorter than 20 characters",
        "reason_code": "too_short", "reason_limit": "20",
    });
    server.client().register("ada@example.com", "nineteen characters").await.expect_detail(400, reason);
    server.client().register("ada@example.com", "twenty characters it").await.expect(201);
    for wrong in ["0,1,1", "1,2", "x", "4194304,1,1"] {
        assert!(refusal(&run(&Folder::new(), &["migrate", "--argon2", wrong])).contains("--argon2"), "{wrong}");
    }
}

#[test]
fn a_terminated_server_finishes_what_is_in_flight() {
    // Hashes of about a second.
    let server = Server::start(&["--argon2", "262144,4,1"]);
    let body = json!({ "email": "ada@example.com", "password": PASSWORD }).to_string();
    let mut stream = TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
    // The server asks for the body when the request is in its hands, and not before.
    let head = format!(
        "POST /auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    let folder = server.stop();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(listed(&folder).len(), 1);
}

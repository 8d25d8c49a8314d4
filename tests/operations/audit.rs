//! The log and the audit file.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use usermgr_tests::{Folder, PASSWORD, SECRET, Server, eventually, run};

use super::{ended, json_lines};

/// The events of a file so far.
fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    json_lines(whole)
}

/// A folder with its database: the library reports one that it creates on a line of its own, which is no JSON.
fn migrated() -> Folder {
    let folder = Folder::new();
    assert!(run(&folder, &["migrate"]).status.success());
    folder
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn events_are_in_the_log_by_default() {
    let server = Server::start(&[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    server.client().login("ada@example.com", "wrong").await.expect(400);
    let log = eventually("the events", || Some(server.log()).filter(|log| log.contains("kind=login_failed")));
    let failed = log.lines().find(|line| line.contains("kind=login_failed")).unwrap();
    assert!(failed.contains(" INFO usermgr: at=") && failed.contains("detail=\"wrong password\""), "{failed}");
    assert!(failed.contains("ip=127.0.0.1"), "{failed}");
    assert!(log.contains("kind=registered"), "{log}");
}

#[tokio::test]
async fn x1_a_log_in_json_has_events_with_plain_values_and_no_secret() {
    let server = Server::start_in(migrated().into(), &["--log", "json"]);
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    let login = client.login("ada@example.com", PASSWORD).await.expect(200);
    client.login("ada@example.com", "a wrong canary").await.expect(400);
    client.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.expect(202);
    let token = server.mailed_token("forgot", "ada@example.com", 1);
    let body = json!({ "token": token, "password": "another long canary" });
    client.post("/auth/reset-password", body).await.expect(200);
    ada.get("/users/me").await.expect(401);
    let id =
        client.logged_in("ada@example.com", "another long canary").await.get("/users/me").await.json()["id"].clone();
    let folder = server.stop();

    let log = fs::read_to_string(folder.file("stderr.log")).unwrap();
    let lines = json_lines(&log);
    let failed = lines.iter().find(|line| line["kind"] == "login_failed").unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        (&failed["level"], &failed["target"], &failed["user"], &failed["detail"], &failed["ip"]),
        (&json!("INFO"), &json!("usermgr"), &id, &json!("wrong password"), &json!("127.0.0.1"))
    );
    let whole = login.json();
    let tokens = [&whole["access_token"], &whole["refresh_token"]].map(|token| token.as_str().unwrap());
    for secret in [PASSWORD, "canary", SECRET, &token, tokens[0], tokens[1], "ada@example.com"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[test]
fn a_failure_is_json_too_where_the_log_is() {
    let folder = migrated();
    let said = ended(&run(&folder, &["show", "--email", "ada@example.com", "--log", "json"]), 4);
    let lines = json_lines(&said);
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["level"], &last["error"]),
        (&json!("ERROR"), &json!("there is no user ada@example.com")),
        "{said}"
    );
}

#[tokio::test]
async fn every_event_is_one_line_of_the_audit_file_of_commands_too() {
    let folder = Arc::new(Folder::new());
    let path = folder.file("audit.jsonl");
    let flags = ["--audit-file", path.to_str().unwrap()];
    let server = Server::start_in(folder, &flags);
    let ada = server.client().joined("ada@example.com").await;
    let id = ada.get("/users/me").await.json()["id"].clone();
    let folder = server.stop();
    run(&folder, &[&["block", "--email", "ada@example.com"][..], &flags].concat());

    let events = events(&path);
    assert_eq!(kinds(&events), ["registered", "logged_in", "updated"]);
    assert!(events.iter().all(|event| event["user"] == id && event["at"].is_string()), "{events:?}");
    assert_eq!((&events[1]["ip"], &events[2]["actor"]), (&json!("127.0.0.1"), &json!("system:block")));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_moved_is_opened_again_at_sighup() {
    use rustix::process::Signal;

    let folder = Arc::new(Folder::new());
    let (path, moved) = (folder.file("audit.jsonl"), folder.file("audit.1"));
    let server = Server::start_in(folder, &["--audit-file", path.to_str().unwrap()]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    eventually("the first event", || (kinds(&events(&path)) == ["registered"]).then_some(()));
    fs::rename(&path, &moved).unwrap();
    usermgr_tests::signal(server.pid(), Signal::HUP);
    eventually("the new file", || path.exists().then_some(()));
    server.client().login("ada@example.com", PASSWORD).await.expect(200);
    eventually("the second event", || (kinds(&events(&path)) == ["logged_in"]).then_some(()));
    assert_eq!(kinds(&events(&moved)), ["registered"]);
    server.stop();
}

#[test]
fn a_server_whose_audit_file_cannot_be_opened_does_not_start() {
    let folder = Folder::new();
    let said = ended(&run(&folder, &["list-users", "--audit-file", "/no/such/folder/audit.jsonl"]), 1);
    assert!(said.contains("/no/such/folder/audit.jsonl"), "{said}");
}

/// A full disk: nothing can be written to `/dev/full`.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_logged_and_fails_no_request() {
    let server = Server::start(&["--audit-file", "/dev/full"]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    server.client().logged_in("ada@example.com", PASSWORD).await.get("/users/me").await.expect(200);
    let folder = server.stop();
    let log = fs::read_to_string(folder.file("stderr.log")).unwrap();
    assert_eq!(log.matches("the audit file cannot be written").count(), 1, "{log}");
    assert!(log.contains("kind=logged_in"), "the log has the events: {log}");
}

//! Each command with its JSON line and its exit codes.

use jiff::Timestamp;
use serde_json::{Value, json};
use usermgr::{SqliteStore, store::OutboxStore as _};
use usermgr_tests::{Folder, PASSWORD, Server, all_mails, command, mails, run, run_with_input};

use super::{ended, line, lines};

const ADA: [&str; 2] = ["--email", "ada@example.com"];

/// A folder with Ada, and the id of that account.
fn with_ada() -> (Folder, String) {
    let folder = Folder::new();
    let args = ["create-user", "--email", "ada@example.com", "--password-stdin"];
    let ada = line(&run_with_input(&folder, &args, &format!("{PASSWORD}\n")));
    let id = ada["id"].as_str().unwrap().to_owned();
    assert_eq!(
        ada,
        json!({
            "id": id, "email": "ada@example.com", "is_active": true, "is_superuser": false, "is_verified": false,
            "created_at": ada["created_at"],
        })
    );
    (folder, id)
}

fn about<'a>(command: &'a str, who: &[&'a str]) -> Vec<&'a str> {
    [&[command], who].concat()
}

#[test]
fn a_user_is_created_with_a_password_or_without_one() {
    let (folder, _) = with_ada();
    let bob = line(&run(&folder, &["create-user", "--email", "bob@example.com", "--verified"]));
    assert_eq!((&bob["email"], &bob["is_verified"]), (&json!("bob@example.com"), &json!(true)));

    let again = run_with_input(&folder, &["create-user", "--email", "ADA@example.com"], "");
    assert!(ended(&again, 5).contains("already exists"));
    let weak = ["create-user", "--email", "eve@example.com", "--password-stdin"];
    for (password, reason) in [("short\n", "shorter than 8"), ("\n", "empty")] {
        let said = ended(&run_with_input(&folder, &weak, password), 5);
        assert!(said.contains(reason) && !said.contains("short\n"), "{said}");
    }
    assert!(ended(&run(&folder, &["create-user", "--email", "not an address"]), 5).contains("not valid"));
    ended(&run(&folder, &["create-user"]), 2);
    assert_eq!(lines(&run(&folder, &["list-users"])).len(), 2);
}

#[test]
fn users_are_found_by_a_part_of_the_address_and_by_conditions() {
    let (folder, _) = with_ada();
    lines(&run(&folder, &["create-user", "--email", "bob@example.org", "--verified"]));
    lines(&run(&folder, &about("block", &ADA)));
    let found = |args: &[&str]| -> Vec<Value> {
        lines(&run(&folder, &about("find", args))).iter().map(|user| user["email"].clone()).collect()
    };
    assert_eq!(found(&[]), ["ada@example.com", "bob@example.org"]);
    assert_eq!(found(&["EXAMPLE.com"]), ["ada@example.com"]);
    assert_eq!(found(&["--unverified"]), ["ada@example.com"]);
    assert_eq!(found(&["--inactive", "example"]), ["ada@example.com"]);
    ended(&run(&folder, &["find", "--superusers"]), 4);
    ended(&run(&folder, &["find", "eve"]), 4);
}

#[tokio::test]
async fn a_user_is_shown_with_their_sessions_which_end_at_once() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    server.client().logged_in("ada@example.com", PASSWORD).await;
    let shown = line(&run(&server.folder(), &about("show", &ADA)));
    let sessions = shown["sessions"].as_array().unwrap();
    assert_eq!((&shown["email"], sessions.len()), (&json!("ada@example.com"), 2), "{shown}");
    assert!(sessions.iter().all(|session| session["backend"] == "jwt" && session["ip"] == "127.0.0.1"), "{shown}");

    let ended_all = line(&run(&server.folder(), &about("end-sessions", &ADA)));
    assert_eq!(ended_all, json!({ "id": shown["id"], "email": "ada@example.com", "sessions": 2 }));
    usermgr_tests::known_elsewhere().await;
    ada.get("/users/me").await.expect(401);
    assert_eq!(line(&run(&server.folder(), &about("show", &ADA)))["sessions"], json!([]));
}

#[tokio::test]
async fn a_blocked_user_is_out_until_they_are_let_in_again() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let id = ada.get("/users/me").await.json()["id"].as_str().unwrap().to_owned();
    let blocked = line(&run(&server.folder(), &about("block", &ADA)));
    assert_eq!((&blocked["id"], &blocked["is_active"]), (&json!(id), &json!(false)));
    usermgr_tests::known_elsewhere().await;
    ada.get("/users/me").await.expect(401);
    server.client().login("ada@example.com", PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    // The mail of a reset would let them in again.
    assert!(ended(&run(&server.folder(), &about("send-reset", &ADA)), 5).contains("not active"));
    assert_eq!(line(&run(&server.folder(), &about("unblock", &["--id", &id])))["is_active"], true);
    server.client().logged_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_reset_is_mailed_and_its_token_is_good() {
    let (folder, id) = with_ada();
    assert_eq!(line(&run(&folder, &about("send-reset", &ADA)))["id"], json!(id));
    let mailed = mails(&folder, "forgot", "ada@example.com");
    assert_eq!(mailed.len(), 1);
    let server = Server::start_in(folder.into(), &[]);
    let body = json!({ "token": mailed[0]["token"], "password": "another long enough one" });
    server.client().post("/auth/reset-password", body).await.expect(200);
    server.client().logged_in("ada@example.com", "another long enough one").await;
}

#[test]
fn the_last_superuser_is_neither_demoted_nor_blocked_nor_deleted() {
    let (folder, id) = with_ada();
    let said = run(&folder, &about("promote", &["--id", &id]));
    assert_eq!(String::from_utf8(said.stdout).unwrap(), "ada@example.com is a verified superuser\n");
    for refused in ["demote", "block", "delete-user"] {
        assert!(ended(&run(&folder, &about(refused, &ADA)), 5).contains("last active superuser"), "{refused}");
    }
    lines(&run(&folder, &["create-user", "--email", "bob@example.com"]));
    run(&folder, &["promote", "--email", "bob@example.com"]);
    assert_eq!(line(&run(&folder, &about("demote", &ADA)))["is_superuser"], false);
    let deleted = line(&run(&folder, &about("delete-user", &ADA)));
    assert_eq!(deleted, json!({ "id": id, "email": "ada@example.com", "deleted": true }));
    assert_eq!(lines(&run(&folder, &["list-users"])).len(), 1);
}

#[test]
fn a_command_about_an_unknown_user_ends_with_4_and_one_about_no_user_with_2() {
    let folder = Folder::new();
    let id = "018f2d9c-0000-7000-8000-000000000000";
    for command in ["show", "promote", "demote", "block", "unblock", "send-reset", "end-sessions", "delete-user"] {
        let output = run(&folder, &about(command, &ADA));
        assert!(ended(&output, 4).contains("there is no user ada@example.com"), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        assert!(ended(&run(&folder, &about(command, &["--id", id])), 4).contains(id), "{command}");
        for wrong in [&[][..], &["--email", "ada@example.com", "--id", id], &["--id", "7"]] {
            ended(&run(&folder, &about(command, wrong)), 2);
        }
    }
}

#[test]
fn a_check_changes_nothing_and_finds_missing_tables_and_wrong_settings() {
    let folder = Folder::over(None);
    ended(&run(&folder, &["check"]), 1);
    assert!(!folder.file("users.db").exists());
    run(&folder, &["migrate"]);
    assert_eq!(
        line(&run(&folder, &["check"])),
        json!({
            "settings": "good", "database": "good", "counters": "good", "mail": true, "oldest_due_mail": null,
        })
    );
    for (wrong, expected) in [("--previous-secret=canary", "6 bytes"), ("--cookie-name=a b", "must consist of")] {
        assert!(ended(&run(&folder, &["check", wrong]), 1).contains(expected), "{wrong}");
    }
}

#[test]
fn a_database_that_does_not_answer_is_1_for_each_command() {
    let folder = Folder::new();
    for args in [&["list-users"][..], &["show", "--email", "ada@example.com"], &["purge"], &["reseal"]] {
        let away = [args, &["--database-url", "postgres://ada:canary@127.0.0.1:1/shop"]].concat();
        let said = ended(&run(&folder, &away), 1);
        assert!(said.contains("does not answer") && !said.contains("canary"), "{said}");
    }
}

#[tokio::test]
async fn expired_rows_are_purged_and_mails_that_failed_long_ago() {
    let (folder, _) = with_ada();
    assert_eq!(line(&run(&folder, &["purge"])), json!({ "rows": 0, "failed_mails": 0 }));
    assert_eq!(line(&run(&folder, &["purge", "--failed-mails", "30"])), json!({ "rows": 0, "failed_mails": 0 }));
}

#[test]
fn a_worker_delivers_what_waits_and_never_without_a_place_for_mails() {
    let (folder, _) = with_ada();
    let before = all_mails(&folder).len();
    // A command without a place for mails leaves them in the outbox.
    let mut without = command(&folder);
    let output = without.env_remove("USERMGR_MAIL_FILE").args(about("send-reset", &ADA)).output().unwrap();
    assert_eq!(line(&output)["email"], "ada@example.com");
    let mut without = command(&folder);
    let refused = without.env_remove("USERMGR_MAIL_FILE").args(["deliver", "--once"]).output().unwrap();
    assert!(ended(&refused, 2).contains("--mail-file"));
    assert_eq!(all_mails(&folder).len(), before);

    assert_eq!(line(&run(&folder, &["deliver", "--once"])), json!({ "delivered": 1 }));
    assert_eq!(mails(&folder, "forgot", "ada@example.com").len(), 1);
    assert_eq!(line(&run(&folder, &["deliver", "--once"])), json!({ "delivered": 0 }));
}

/// Leaves mails in the outbox, and gives them up.
async fn given_up(folder: &Folder, mails: usize) {
    for _ in 0..mails {
        let mut without = command(folder);
        without.env_remove("USERMGR_MAIL_FILE").args(about("send-reset", &ADA)).output().unwrap();
    }
    let store: SqliteStore = SqliteStore::open(folder.file("users.db")).await.unwrap();
    let now = Timestamp::now();
    let claimed = store.claim(100, now, now).await.unwrap();
    assert_eq!(claimed.len(), mails);
    for row in claimed {
        store.fail(&row.id, row.attempts, now, "the mail server is away").await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn mails_that_were_given_up_are_listed_retried_and_dropped() {
    let (folder, id) = with_ada();
    let listed = || lines(&run(&folder, &["outbox", "list"]));
    assert_eq!(listed(), [] as [Value; 0]);
    given_up(&folder, 4).await;

    let all = listed();
    assert_eq!(all.len(), 4);
    for row in &all {
        let (mail, at) = (row["id"].as_str().unwrap(), row["failed_at"].as_str().unwrap());
        let expected = json!({
            "id": mail, "event": "forgot_password", "user": id, "email": null, "attempts": 1, "failed_at": at,
            "error": "the mail server is away",
        });
        assert_eq!(*row, expected);
    }
    let mail = |number: usize| all[number]["id"].as_str().unwrap();
    assert_eq!(line(&run(&folder, &["outbox", "drop", mail(0)])), json!({ "dropped": 1 }));
    assert!(ended(&run(&folder, &["outbox", "drop", mail(0)]), 4).contains("was given up"));
    assert_eq!(listed(), all[1..]);

    assert_eq!(line(&run(&folder, &["outbox", "retry", mail(1)])), json!({ "retried": 1 }));
    assert_eq!(mails(&folder, "forgot", "ada@example.com").len(), 1, "there is a place for mails, so it is delivered");
    assert!(ended(&run(&folder, &["outbox", "retry", mail(1)]), 4).contains("was given up"));
    assert_eq!(line(&run(&folder, &["outbox", "retry", mail(2), mail(3)])), json!({ "retried": 2 }));
    assert_eq!((listed(), mails(&folder, "forgot", "ada@example.com").len()), (vec![], 3));

    given_up(&folder, 2).await;
    assert_eq!(line(&run(&folder, &["outbox", "retry", "--all"])), json!({ "retried": 2 }));
    given_up(&folder, 2).await;
    assert_eq!(line(&run(&folder, &["outbox", "drop", "--all"])), json!({ "dropped": 2 }));
    assert_eq!((listed(), mails(&folder, "forgot", "ada@example.com").len()), (vec![], 5));
    for wrong in [&["outbox"][..], &["outbox", "retry"], &["outbox", "drop", "x", "--all"]] {
        ended(&run(&folder, wrong), 2);
    }
}

#[test]
fn a_mail_that_waits_is_seen_by_a_check() {
    let (folder, _) = with_ada();
    let mut without = command(&folder);
    without.env_remove("USERMGR_MAIL_FILE").args(about("send-reset", &ADA)).output().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(line(&run(&folder, &["check"]))["oldest_due_mail"].as_u64().unwrap() >= 1);
}

#[cfg(unix)]
#[test]
fn a_worker_runs_until_it_is_stopped() {
    use std::process::Stdio;

    use rustix::process::Signal;

    let (folder, _) = with_ada();
    let mut without = command(&folder);
    without.env_remove("USERMGR_MAIL_FILE").args(about("send-reset", &ADA)).output().unwrap();
    let worker = command(&folder).arg("deliver").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    usermgr_tests::eventually("the mail", || (!mails(&folder, "forgot", "ada@example.com").is_empty()).then_some(()));
    usermgr_tests::signal(worker.id(), Signal::TERM);
    assert_eq!(line(&worker.wait_with_output().unwrap()), json!({ "stopped": true }));
}

#[test]
fn the_help_says_what_each_exit_code_means() {
    let folder = Folder::new();
    let help = run(&folder, &["--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    for code in ["0  done", "1  failed", "2  the command line", "3  done in part", "4  there is no", "5  refused"] {
        assert!(help.contains(&format!("\n  {code}")), "{help}");
    }
}

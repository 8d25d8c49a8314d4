//! User names over processes and both frameworks, and the commands that know them.

use serde_json::{Value, json};
use usermgr_tests::{Folder, PASSWORD, Server, run};

const FLAGS: [&str; 1] = ["--usernames"];

fn line(folder: &Folder, args: &[&str]) -> Value {
    let output = run(folder, &[&FLAGS[..], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn un3_a_user_registers_with_a_name_logs_in_by_it_and_changes_it_over_both_frameworks() {
    for framework in ["axum", "actix"] {
        let server = Server::start(&[&FLAGS[..], &["--framework", framework]].concat());
        let body = |email: &str, name: &str| json!({ "email": email, "password": PASSWORD, "username": name });
        let register = async |email: &str, name: &str| server.client().post("/auth/register", body(email, name)).await;
        let made = register("ada@example.com", "Ada").await.expect(201).json();
        assert_eq!(made["username"], "Ada");
        register("eve@example.com", "ADA").await.expect_detail(400, "REGISTER_USERNAME_ALREADY_EXISTS");
        let refused = register("eve@example.com", "root").await.expect(400).json();
        assert_eq!(refused["detail"]["reason_code"], "reserved");

        let token = server.client().login("ada", PASSWORD).await.expect(200).token();
        server.client().login("Eve", PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        let ada = server.client().with_token(token);
        let changed = ada.patch("/users/me", json!({ "username": "Countess" })).await.expect(200).json();
        assert_eq!(changed["username"], "Countess");
        server.client().login("ada", PASSWORD).await.expect(400);
        server.client().login("COUNTESS", PASSWORD).await.expect(200);
        let mail = server.mail("username_changed", "ada@example.com", 1);
        assert!(mail["subject"].as_str().is_some_and(|subject| subject.contains("user name")), "{mail}");
    }
}

#[test]
fn the_commands_create_find_and_show_users_by_their_names() {
    let folder = Folder::new();
    // The operator may give a name that is reserved.
    let made = line(&folder, &["create-user", "--email", "ada@example.com", "--username", "Support"]);
    assert_eq!(made["username"], "Support");
    assert_eq!(line(&folder, &["show", "--username", "SUPPORT"])["id"], made["id"]);
    assert_eq!(line(&folder, &["find", "ppor"])["email"], "ada@example.com");
    for (args, code, said) in [
        (
            &["--usernames", "create-user", "--email", "eve@example.com", "--username", "support"][..],
            5,
            "already exists",
        ),
        (&["--usernames", "create-user", "--email", "eve@example.com", "--username", "a b"], 5, "letters from A to Z"),
        (&["create-user", "--email", "eve@example.com", "--username", "eve"], 2, "--usernames"),
        (&["show", "--username", "unknown"], 4, "there is no user unknown"),
    ] {
        let output = run(&folder, args);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && error.contains(said), "{args:?}: {error}");
    }
}

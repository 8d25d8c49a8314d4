//! Invitations of the server: a command and the routes invite, and a flag closes the registration.

use std::sync::Arc;

use serde_json::{Value, json};
use usermgr_tests::{Folder, PASSWORD, Server, run};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn in5_with_invite_only_nobody_registers_and_who_is_invited_by_a_command_gets_in() {
    let folder = Arc::new(Folder::new());
    let output = run(&folder, &["invite", "--email", ADA]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["email"], ADA);
    let again = run(&folder, &["invite", "--email", "ADA@example.com"]);
    assert_eq!(again.status.code(), Some(5), "{}", String::from_utf8_lossy(&again.stderr));

    let server = Server::start_in(folder, &["--invite-only"]);
    let client = server.client();
    for email in [ADA, "eve@example.com"] {
        client.register(email, PASSWORD).await.expect_detail(403, "REGISTER_CLOSED");
    }
    let token = server.mailed_token("invite", ADA, 1);
    let body = json!({ "token": token, "password": PASSWORD });
    let user = client.post("/auth/accept-invitation", body.clone()).await.expect(200).json();
    assert_eq!((&user["id"], &user["is_verified"]), (&line["id"], &json!(true)));
    client.logged_in(ADA, PASSWORD).await.get("/users/me").await.expect(200);
    client.post("/auth/accept-invitation", body).await.expect_detail(400, "ACCEPT_INVITATION_BAD_TOKEN");
}

#[tokio::test]
async fn a_superuser_invites_lists_sends_again_and_withdraws() {
    let server = Server::start(&[]);
    let root = server.superuser("root@example.com").await;
    let invited = root.post("/invitations", json!({ "email": ADA })).await.expect(201).json();
    root.get("/invitations").await.expect_json(200, json!([invited]));
    let path = format!("/invitations/{}", invited["id"].as_str().unwrap());
    root.post_empty(&format!("{path}/resend")).await.expect(202);
    server.mail("invite", ADA, 2);
    root.delete(&path).await.expect(204);
    root.get("/invitations").await.expect_json(200, json!([]));
    // Without the flag the address is free for a registration.
    server.client().register(ADA, PASSWORD).await.expect(201);
}

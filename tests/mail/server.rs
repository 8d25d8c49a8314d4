//! The reference server: its options for mail, the mail file, and the commands of an operator.

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use usermgr_tests::{Folder, PASSWORD, Server, run};

use crate::post::Post;

const ADA: &str = "ada@example.com";

fn line(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test]
async fn a_registration_over_http_ends_in_a_mail_whose_link_verifies() {
    let Some(post) = Post::start() else { return };
    let url = post.url("plain");
    let flags = [
        "--smtp-url",
        &url,
        "--base-url",
        "https://shop.example",
        "--brand-name",
        "Shop",
        "--mail-from",
        "Shop <a@shop.example>",
    ];
    let server = Server::start(&flags);
    let client = server.client();
    let registered = client.register(ADA, PASSWORD).await.expect(201);
    assert_eq!(registered.json()["is_verified"], false);
    let mail = post.wait(ADA, 1).remove(0);
    assert_eq!(mail.header("Subject"), "Confirm your address for Shop");
    assert_eq!(mail.header("From"), "Shop <a@shop.example>");
    // The file has the same mail, and what happened.
    let kept = server.mail("verify", ADA, 1);
    assert_eq!(
        kept["link"],
        json!(format!("https://shop.example/account/verify?token={}", kept["token"].as_str().unwrap()))
    );
    assert_eq!((&kept["language"], &kept["subject"]), (&json!("en"), &json!("Confirm your address for Shop")));
    assert!(
        kept["html"].as_str().unwrap().contains("<h1") && kept["text"].as_str().unwrap().contains("Please confirm")
    );
    let token = kept["token"].clone();
    client.post("/auth/verify", json!({ "token": token })).await.expect(200);
}

#[test]
fn a_test_mail_prints_the_answer_of_the_mail_server_or_its_refusal() {
    let Some(post) = Post::start() else { return };
    let (folder, url) = (Folder::new(), post.url_with("smtp://", "starttls"));
    let authority = post.authority_file("good").display().to_string();
    let sent = run(&folder, &["send-test-mail", "--to", ADA, "--smtp-url", &url, "--smtp-authority", &authority]);
    assert_eq!(line(&sent), json!({ "accepted": format!("250 OK for {ADA}") }));
    let taken = post.wait(ADA, 1).remove(0);
    assert_eq!((taken.tls, taken.header("From").as_str()), (true, "accounts@localhost"));
    let named = [
        "send-test-mail",
        "--to",
        "bob@example.com",
        "--smtp-url",
        &post.url("plain"),
        "--base-url",
        "https://shop.example",
    ];
    assert!(run(&folder, &named).status.success());
    assert_eq!(post.wait("bob@example.com", 1)[0].header("From"), "accounts@shop.example");
    for (args, code, words) in [
        (&["send-test-mail", "--to", ADA, "--smtp-url", &url][..], 1, "certificate"),
        (&["send-test-mail", "--to", ADA], 2, "--smtp-url"),
        (&["send-test-mail", "--to", "ada", "--smtp-url", &url], 2, "not an address"),
        (&["send-test-mail", "--to", ADA, "--smtp-url", "smtp://user:hunter2@mail.example?tls=none"], 1, "own machine"),
    ] {
        let refused = run(&folder, args);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.to_lowercase().contains(words) && !said.contains("hunter2"), "{args:?}: {said}");
    }
}

#[test]
fn all_mails_can_be_looked_at_with_the_templates_of_the_operator() {
    let folder = Arc::new(Folder::new());
    fs::create_dir(folder.file("own")).unwrap();
    fs::write(folder.file("own").join("verify.txt"), "{{ brand.name }} {{ link }}").unwrap();
    let previews = folder.file("previews");
    let shown = previews.display().to_string();
    let templates = folder.file("own").display().to_string();
    let command = ["preview-mails", &shown, "--mail-templates", &templates, "--brand-name", "Shop"];
    assert_eq!(line(&run(&folder, &command)), json!({ "mails": 76 }));
    for language in ["de", "en", "es", "fr"] {
        assert_eq!(fs::read_dir(previews.join(language)).unwrap().count(), 57);
    }
    let read = |file: &str| fs::read_to_string(previews.join("de").join(file)).unwrap();
    assert!(read("verify.txt").starts_with("Shop http://localhost:0/account/verify?token="));
    assert!(read("reset.eml").contains("Content-Language: de") && read("reset.html").contains("lang=\"de\""));

    fs::write(folder.file("own").join("verfy.txt"), "").unwrap();
    for command in [&command[..], &["list-users", "--mail-templates", &templates]] {
        let refused = run(&folder, command);
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("verfy.txt"), "{command:?}: {said}");
    }
}

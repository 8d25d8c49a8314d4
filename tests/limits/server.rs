//! The reference server with its limits on, over a socket.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use usermgr_tests::{Client, DatabaseServer, PASSWORD, Reply, Server};

fn limited() -> Server {
    Server::start(&["--limits", "on"])
}

/// Many logins at once, and how often each status was answered.
async fn logins(client: &Client, many: usize, email: &str, password: &str) -> Vec<Reply> {
    let mut asked = JoinSet::new();
    for _ in 0..many {
        let (client, email, password) = (client.clone(), email.to_owned(), password.to_owned());
        asked.spawn(async move { client.login(&email, &password).await });
    }
    asked.join_all().await
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[tokio::test]
async fn l1_of_64_wrong_guesses_at_once_ten_are_tried_and_l3_unknown_accounts_look_the_same() {
    let server = limited();
    let client = server.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    for email in ["ada@example.com", "nobody@example.com"] {
        let replies = logins(&client, 64, email, "wrong").await;
        assert_eq!((count(&replies, 400), count(&replies, 429)), (10, 54), "{email}");
        for reply in replies.into_iter().filter(|reply| reply.status == 429) {
            let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
            // Half a minute after the last that was counted, which may be a moment younger than the request.
            assert!((1..=31).contains(&seconds), "{seconds}");
            reply.expect_detail(429, "TOO_MANY_REQUESTS");
        }
    }
    // The right password is not tried either, in no spelling of the address.
    for email in ["ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com"] {
        client.login(email, PASSWORD).await.expect_detail(429, "TOO_MANY_REQUESTS");
    }
}

#[tokio::test]
async fn l1_of_64_right_logins_at_once_none_is_refused() {
    let server = limited();
    let client = server.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let replies = logins(&client, 64, "ada@example.com", PASSWORD).await;
    assert_eq!(count(&replies, 200), 64);
}

#[tokio::test]
async fn l5_a_locked_owner_stays_logged_in_and_gets_in_by_a_reset() {
    let server = limited();
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    logins(&client, 12, "ada@example.com", "wrong").await;
    client.login("ada@example.com", PASSWORD).await.expect(429);
    ada.get("/users/me").await.expect(200);
    let change = json!({ "current_password": PASSWORD, "password": "another long enough one" });
    ada.post("/auth/change-password", change).await.expect(204);
    client.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await.expect_json(202, Value::Null);
    let token = server.mailed_token("forgot", "ada@example.com", 1);
    let reset = json!({ "token": token, "password": PASSWORD });
    client.post("/auth/reset-password", reset).await.expect(200);
    client.login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn l8_a_mailbox_gets_five_mails_of_a_kind_whether_or_not_it_is_somebodys() {
    let server = limited();
    let client = server.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    for email in ["ada@example.com", "nobody@example.com"] {
        for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
            for _ in 0..5 {
                client.post(path, json!({ "email": email })).await.expect_json(202, Value::Null);
            }
            let spelling = email.to_uppercase();
            client.post(path, json!({ "email": spelling })).await.expect_detail(429, "TOO_MANY_REQUESTS");
        }
    }
    // The registration has used up none of them, and has its own budget.
    for _ in 0..4 {
        client.register("ada@example.com", PASSWORD).await.expect(400);
    }
    client.register("ada@example.com", PASSWORD).await.expect_detail(429, "TOO_MANY_REQUESTS");
    let folder = server.stop();
    let mails = ["forgot", "verify"].map(|event| usermgr_tests::mails(&folder, event, "ada@example.com").len());
    assert_eq!(mails, [5, 5]);
}

#[tokio::test]
async fn l2_a_forged_header_makes_no_other_client() {
    let server = limited();
    let client = server.client();
    let mut statuses = Vec::new();
    for number in 0..25 {
        let body = json!({ "email": format!("user{number}@example.com"), "password": PASSWORD });
        let request = client.request(reqwest::Method::POST, "/auth/register").json(&body);
        let request = request.header("x-forwarded-for", format!("192.0.2.{number}"));
        statuses.push(client.send(request).await.status);
    }
    assert_eq!(statuses, [[201; 20].as_slice(), &[429; 5]].concat());
}

#[tokio::test]
async fn l2_behind_a_trusted_proxy_of_the_server_each_client_counts_for_itself() {
    for (flags, header, entry) in [
        (&["--limits=on", "--trusted-proxies=1"][..], "x-forwarded-for", "192.0.2.NUMBER"),
        (&["--limits=on", "--trusted-proxies=1"], "x-forwarded-for", "6.6.6.6, 192.0.2.NUMBER:50123"),
        (&["--limits=on", "--trusted-proxies=1"], "x-forwarded-for", "[2001:db8:NUMBER::1]:443"),
        (&["--limits=on", "--trusted-proxies=1", "--reads-forwarded"], "forwarded", "for=\"[2001:db8:NUMBER::1]:443\""),
    ] {
        let server = Server::start(flags);
        let client = server.client();
        for number in 0..25 {
            let body = json!({ "email": format!("user{number}@example.com"), "password": PASSWORD });
            let request = client.request(reqwest::Method::POST, "/auth/register").json(&body);
            let request = request.header(header, entry.replace("NUMBER", &number.to_string()));
            client.send(request).await.expect(201);
        }
    }
}

/// Two processes, where everything but the limits is at its default.
async fn of_two_processes(first: Server, flags: &[&str]) {
    let second = Server::start_in(first.folder(), flags);
    let (here, there) = (first.client(), second.client());
    // Redis may remember those of an earlier run.
    let ada = format!("ada{}@example.com", std::process::id());
    here.register(&ada, PASSWORD).await.expect(201);
    for client in [&here, &there].into_iter().cycle().take(10) {
        client.login(&ada, "wrong").await.expect(400);
    }
    for client in [&here, &there] {
        client.login(&ada, PASSWORD).await.expect_detail(429, "TOO_MANY_REQUESTS");
    }
}

#[tokio::test]
async fn l1_processes_over_one_database_count_together() {
    for server in [DatabaseServer::Postgres, DatabaseServer::MariaDb] {
        let Some(database) = server.database() else { continue };
        let flags = ["--limits", "on"];
        of_two_processes(Server::start_over(Some(database), &flags), &flags).await;
    }
}

#[tokio::test]
async fn l1_processes_over_one_redis_count_together() {
    let Some(url) = usermgr_tests::redis("limits over Redis") else { return };
    // Another database of it, since the counters of this network stay.
    let flags = ["--limits", "on", "--redis-url", &format!("{url}/5")];
    of_two_processes(Server::start(&flags), &flags).await;
}

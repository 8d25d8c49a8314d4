//! The metrics, as a scraper reads them.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use usermgr_tests::{Client, Folder, Framework, PASSWORD, Target, command};

/// A server with a socket for metrics: the address of each.
struct Measured {
    child: Child,
    client: Client,
    metrics: Client,
    /// Deleted with the server.
    _folder: Folder,
}

impl Drop for Measured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Measured {
    fn start(framework: Framework, flags: &[&str]) -> Self {
        let folder = Folder::on(Target { framework, ..Target::SQLITE }).unwrap();
        let mut serve = command(&folder);
        serve.args(["--metrics-listen", "127.0.0.1:0"]).args(flags);
        let mut child = serve.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut address = |before: &str| lines.next().unwrap().strip_prefix(before).unwrap().to_owned();
        let client = Client::new(address("listening on "));
        let metrics = Client::new(address("metrics on ").trim_end_matches("/metrics"));
        Self { child, client, metrics, _folder: folder }
    }

    /// All values by name and labels. The text must be that of Prometheus.
    async fn scrape(&self) -> BTreeMap<String, f64> {
        let reply = self.metrics.get("/metrics").await.expect(200);
        assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4"));
        let mut described = "";
        let mut values = BTreeMap::new();
        for line in reply.text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                described = rest.split_once(' ').unwrap().0;
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(name, described);
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            } else {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(name.starts_with(described), "{line} is not described");
                let twin = values.insert(name.to_owned(), value.parse().unwrap());
                assert!(twin.is_none(), "{line} is there twice");
            }
        }
        values
    }
}

#[tokio::test]
async fn events_limits_hashes_and_requests_are_counted_over_both_frameworks() {
    for framework in [Framework::Axum, Framework::Actix] {
        let server = Measured::start(framework, &["--limits", "on"]);
        let before = server.scrape().await;
        assert_eq!(before["usermgr_events_total{kind=\"logged_in\"}"], 0.0);
        assert!(!before.keys().any(|name| name.starts_with("usermgr_http_requests_total{")), "{before:?}");

        server.client.register("ada@example.com", PASSWORD).await.expect(201);
        server.client.logged_in("ada@example.com", PASSWORD).await.get("/users/me").await.expect(200);
        for _ in 0..11 {
            server.client.login("ada@example.com", "wrong").await;
        }
        server.client.get("/healthz").await.expect(200);
        server.client.get("/users/ada@example.com/secret").await.expect(404);

        let after = server.scrape().await;
        let login = "method=\"POST\",route=\"/auth/{backend}/login\"";
        for (name, expected) in [
            ("usermgr_events_total{kind=\"registered\"}".to_owned(), 1.0),
            ("usermgr_events_total{kind=\"login_failed\"}".to_owned(), 10.0),
            ("usermgr_limited_total{limit=\"wrong_passwords_per_account_and_network\"}".to_owned(), 1.0),
            ("usermgr_limited_total{limit=\"registrations_per_network\"}".to_owned(), 0.0),
            ("usermgr_hashes_total".to_owned(), 12.0),
            ("usermgr_hash_jobs".to_owned(), 0.0),
            ("usermgr_background_limit".to_owned(), 1024.0),
            ("usermgr_outbox_oldest_due_seconds".to_owned(), 0.0),
            (format!("usermgr_http_requests_total{{{login},status=\"200\"}}"), 1.0),
            (format!("usermgr_http_requests_total{{{login},status=\"400\"}}"), 10.0),
            (format!("usermgr_http_requests_total{{{login},status=\"429\"}}"), 1.0),
            (format!("usermgr_http_request_seconds_count{{{login}}}"), 12.0),
            (format!("usermgr_http_request_seconds_bucket{{{login},le=\"+Inf\"}}"), 12.0),
            ("usermgr_http_requests_total{method=\"GET\",route=\"/users/me\",status=\"200\"}".to_owned(), 1.0),
            ("usermgr_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}".to_owned(), 1.0),
            // A path that a client has made up is no label.
            ("usermgr_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}".to_owned(), 1.0),
        ] {
            assert_eq!(after.get(&name), Some(&expected), "{framework:?}: {name} of {after:#?}");
        }
        assert!(after["usermgr_hash_seconds_total"] > 0.0, "{after:#?}");
        assert!(!after.keys().any(|name| name.contains("ada@")), "{after:#?}");
    }
}

#[tokio::test]
async fn the_public_socket_has_no_metrics_and_that_of_the_metrics_has_nothing_else() {
    let server = Measured::start(Framework::Axum, &[]);
    server.client.get("/metrics").await.expect(404);
    for path in ["/healthz", "/users/me", "/openapi.json"] {
        server.metrics.get(path).await.expect(404);
    }
}

//! Clients that use a server while it or its database is killed, the changes that were confirmed to them, and whether all of these are stored.

use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use usermgr_tests::{Folder, PASSWORD, Server};

/// Clients at once.
const CLIENTS: usize = 8;
const CHANGED: &str = "another horse battery";

/// What the server has acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    pub(crate) registered: BTreeSet<String>,
    /// Whose password is another now.
    pub(crate) changed: BTreeSet<String>,
    pub(crate) forgotten: BTreeSet<String>,
    pub(crate) reset_asked_of_nobody: usize,
}

/// Clients at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Acknowledged>,
}

impl Load {
    /// Lets clients use a server. `next` numbers their addresses.
    pub(crate) fn on(server: &Server, next: &Arc<AtomicUsize>) -> Self {
        let (stop, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for _ in 0..CLIENTS {
            let (base, next, stop) = (server.address().to_owned(), next.clone(), stop.clone());
            clients.spawn(async move {
                let mut done = Acknowledged::default();
                let client = Client { base, http: reqwest::Client::new() };
                while !stop.load(Ordering::Relaxed) {
                    let email = format!("user{}@example.com", next.fetch_add(1, Ordering::Relaxed));
                    client.live(email, &mut done).await;
                }
                done
            });
        }
        Self { stop, clients }
    }

    /// Tells the clients to stop, and adds what was acknowledged to them.
    pub(crate) async fn end(self, all: &mut Acknowledged) {
        self.stop.store(true, Ordering::Relaxed);
        for done in self.clients.join_all().await {
            all.registered.extend(done.registered);
            all.changed.extend(done.changed);
            all.forgotten.extend(done.forgotten);
            all.reset_asked_of_nobody += done.reset_asked_of_nobody;
        }
    }
}

struct Client {
    base: String,
    http: reqwest::Client,
}

impl Client {
    /// The status and the body; nothing when there is no answer.
    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        match request.timeout(Duration::from_secs(5)).send().await {
            Ok(answer) => (answer.status().as_u16(), answer.json().await.unwrap_or_default()),
            Err(_) => (0, Value::Null),
        }
    }

    async fn post(&self, path: &str, body: Value) -> u16 {
        self.send(self.http.post(format!("{}{path}", self.base)).json(&body)).await.0
    }

    async fn login(&self, email: &str, password: &str) -> (u16, Value) {
        let fields = [("username", email), ("password", password)];
        self.send(self.http.post(format!("{}/auth/jwt/login", self.base)).form(&fields)).await
    }

    /// Registers, changes the password, forgets it, and asks for an unknown account.
    async fn live(&self, email: String, done: &mut Acknowledged) {
        if self.post("/auth/register", json!({ "email": email, "password": PASSWORD })).await == 201 {
            done.registered.insert(email.clone());
            let (_, login) = self.login(&email, PASSWORD).await;
            if let Some(token) = login["access_token"].as_str() {
                let body = json!({ "current_password": PASSWORD, "password": CHANGED });
                let change = self.http.post(format!("{}/auth/change-password", self.base)).bearer_auth(token);
                if self.send(change.json(&body)).await.0 == 204 {
                    done.changed.insert(email.clone());
                }
            }
            if self.post("/auth/forgot-password", json!({ "email": email })).await == 202 {
                done.forgotten.insert(email.clone());
            }
        }
        if self.post("/auth/forgot-password", json!({ "email": format!("no.{email}") })).await == 202 {
            done.reset_asked_of_nobody += 1;
        }
    }
}

/// The addresses of all accounts, by the server's own command.
fn accounts(mut command: Command) -> BTreeSet<String> {
    let output = command.arg("list-users").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let email = |line: &str| serde_json::from_str::<Value>(line).unwrap()["email"].as_str().unwrap().to_owned();
    lines.lines().map(email).collect()
}

/// All mails so far, as events and addresses.
fn mailed(folder: &Folder) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(folder.file("mail.jsonl")).unwrap_or_default();
    // The last line may be only half written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mails = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    mails.map(|mail| [&mail["event"], &mail["email"]].map(|text| text.as_str().unwrap().to_owned()).into()).collect()
}

impl Acknowledged {
    /// Demands that everything is there that was acknowledged, and that no account and no change is without its mail. The server runs,
    /// and its command says who has an account.
    pub(crate) async fn all_there(&self, folder: &Folder, server: &Server, command: Command, kills: usize) {
        let Self { registered, changed, forgotten, reset_asked_of_nobody } = self;
        let enough = [registered.len(), changed.len(), forgotten.len(), *reset_asked_of_nobody];
        assert!(enough.iter().all(|number| *number > 20), "too little for a proof: {enough:?}");

        let there = accounts(command);
        let lost: Vec<_> = registered.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
        let client = Client { base: server.address().to_owned(), http: reqwest::Client::new() };
        for email in changed {
            assert_eq!(client.login(email, CHANGED).await.0, 200, "the new password of {email}");
            assert_eq!(client.login(email, PASSWORD).await.0, 400, "the old password of {email}");
        }

        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let mailed = mailed(folder);
            let missing = |event: &str, of: &BTreeSet<String>| {
                of.iter().filter(|email| !mailed.contains(&(event.to_owned(), (*email).clone()))).count()
            };
            // Whether it was acknowledged or not: there is no account without its mail.
            let missing =
                [missing("register", &there), missing("change_password", changed), missing("forgot", forgotten)];
            if missing == [0; 3] {
                break;
            }
            assert!(Instant::now() < end, "of {enough:?} mails are missing: {missing:?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        usermgr_tests::figure("servers and databases killed under load", kills as u64);
        let acknowledged = registered.len() + changed.len() + forgotten.len();
        usermgr_tests::figure("changes acknowledged under load", acknowledged as u64);
        usermgr_tests::figure("anything lost", 0);
    }
}

//! The reference server, killed again and again while it is being used: what it acknowledged is there, and every mail comes.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;
use usermgr_tests::{Database, DatabaseServer, Folder, PASSWORD, Server, command, mails};

/// Clients at once.
const CLIENTS: usize = 8;
/// How often the server is killed.
const KILLS: usize = 4;

/// What the server has acknowledged.
#[derive(Default)]
struct Acknowledged {
    registered: BTreeSet<String>,
    forgotten: BTreeSet<String>,
    reset_asked_of_nobody: usize,
}

/// Uses a server until it is gone.
async fn load(server: &Server, next: &Arc<AtomicUsize>, until: Arc<AtomicBool>) -> JoinSet<Acknowledged> {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (base, next, until) = (server.address().to_owned(), next.clone(), until.clone());
        clients.spawn(async move {
            let mut done = Acknowledged::default();
            let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
            let post = async |path: &str, body: serde_json::Value| {
                let answer = http.post(format!("{base}{path}")).json(&body).send().await;
                answer.map(|answer| answer.status().as_u16()).unwrap_or_default()
            };
            while !until.load(Ordering::Relaxed) {
                let email = format!("user{}@example.com", next.fetch_add(1, Ordering::Relaxed));
                if post("/auth/register", json!({ "email": email, "password": PASSWORD })).await == 201 {
                    done.registered.insert(email.clone());
                    if post("/auth/forgot-password", json!({ "email": email })).await == 202 {
                        done.forgotten.insert(email.clone());
                    }
                }
                if post("/auth/forgot-password", json!({ "email": format!("no.{email}") })).await == 202 {
                    done.reset_asked_of_nobody += 1;
                }
            }
            done
        });
    }
    clients
}

/// The addresses of all accounts, by the server's own command.
fn accounts(folder: &Folder) -> BTreeSet<String> {
    let output = command(folder).arg("list-users").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let email =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["email"].as_str().unwrap().to_owned();
    lines.lines().map(email).collect()
}

async fn killed_again_and_again(database: Option<Database>) {
    let folder = Arc::new(Folder::over(database));
    let next = Arc::new(AtomicUsize::new(0));
    let mut all = Acknowledged::default();
    for round in 0..KILLS {
        // At first the mail service is away, so that all that is owed is still owed at the kill.
        let flags: &[&str] = if round == 0 { &["--mail-file", "/dev/full"] } else { &[] };
        let server = Server::start_in(folder.clone(), flags);
        let stop = Arc::new(AtomicBool::new(false));
        let clients = load(&server, &next, stop.clone()).await;
        tokio::time::sleep(Duration::from_millis(700 + 130 * round as u64)).await;
        // SIGKILL, in the middle of it all.
        drop(server);
        stop.store(true, Ordering::Relaxed);
        for done in clients.join_all().await {
            all.registered.extend(done.registered);
            all.forgotten.extend(done.forgotten);
            all.reset_asked_of_nobody += done.reset_asked_of_nobody;
        }
    }
    assert!(all.registered.len() > 20 && all.reset_asked_of_nobody > 20, "{} registered", all.registered.len());

    let there = accounts(&folder);
    let lost: Vec<_> = all.registered.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged, and not there: {lost:?}");

    let server = Server::start_in(folder.clone(), &[]);
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        // Whether it was acknowledged or not: there is no account without its mail.
        let mailed = |event: &str, email: &String| !mails(&folder, event, email).is_empty();
        let welcome = there.iter().filter(|email| !mailed("register", email)).count();
        let forgotten = all.forgotten.iter().filter(|email| !mailed("forgot", email)).count();
        if welcome + forgotten == 0 {
            break;
        }
        assert!(Instant::now() < end, "{welcome} of {} and {forgotten} mails are missing", there.len());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let (accounts, resets) = (there.len(), all.forgotten.len());
    println!(
        "{KILLS} kills, {} registrations acknowledged, {accounts} accounts, {resets} resets: 0 lost",
        all.registered.len()
    );
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_sqlite() {
    killed_again_and_again(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_postgres() {
    if let Some(database) = DatabaseServer::Postgres.database() {
        killed_again_and_again(Some(database)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_mariadb() {
    if let Some(database) = DatabaseServer::MariaDb.database() {
        killed_again_and_again(Some(database)).await;
    }
}

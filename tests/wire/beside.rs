//! Another kind of user beside the rows: a second server over the same database, with the same secret and a prefix of its own. With each
//! row a user of it begins to register, log in, change, ask for mail and leave.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use serde_json::{Value, json};
use tokio::sync::Notify;
use usermgr_tests::{PASSWORD, Reply, Server};

/// What has gone wrong so far.
static WRONG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes that the traffic has ended, which it does when something is wrong.
struct Ended;

impl Drop for Ended {
    fn drop(&mut self) {
        wrong("the traffic has ended".to_owned());
    }
}

fn wrong(what: String) {
    WRONG.lock().unwrap_or_else(PoisonError::into_inner).push(what);
}

/// The traffic beside one server.
#[derive(Clone, Default)]
pub(crate) struct Traffic {
    next: Arc<Notify>,
}

impl Traffic {
    /// Lets a user of the other kind begin, unless one waits already. Without rows there is no traffic, which would slow all other targets.
    pub(crate) fn flow(&self) {
        self.next.notify_one();
    }
}

/// Begins the traffic beside a server, until the test process ends. The first round is over when it returns.
pub(crate) fn begin(server: &Server) -> Traffic {
    let traffic = Traffic::default();
    let (folder, next) = (server.folder(), Arc::clone(&traffic.next));
    let (send, began) = mpsc::channel();
    thread::spawn(move || {
        let _ended = Ended;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let other = Server::shared(folder, &["--table-prefix", "staff_"]);
        runtime.block_on(async {
            for number in 0.. {
                if let Err(reply) = round(other, number).await {
                    return wrong(format!("round {number}: {reply}"));
                }
                let _ = send.send(());
                next.notified().await;
            }
        });
    });
    // Without a first round the thread has noted why.
    let _ = began.recv();
    traffic
}

/// What one user does.
async fn round(server: &Server, number: u32) -> Result<(), String> {
    let is = |reply: Reply, status: u16| if reply.status == status { Ok(reply) } else { Err(format!("{reply:?}")) };
    let email = format!("staff{number}@example.com");
    let client = server.client();
    is(client.register(&email, PASSWORD).await, 201)?;
    let token = is(client.login(&email, PASSWORD).await, 200)?.token();
    let client = client.with_token(token);
    is(client.get("/users/me").await, 200)?;
    is(client.post("/auth/forgot-password", json!({ "email": email })).await, 202)?;
    let changed = is(
        client.patch("/users/me", json!({ "email": format!("former-{email}"), "current_password": PASSWORD })).await,
        200,
    )?;
    if changed.json()["is_verified"] != Value::Bool(false) {
        return Err(format!("{changed:?}"));
    }
    is(client.post_empty("/auth/jwt/logout").await, 204)?;
    is(client.get("/users/me").await, 401).map(drop)
}

/// Fails the row that is begun next after something went wrong.
pub(crate) fn is_well() {
    let noted = WRONG.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(noted.is_empty(), "in the traffic beside the rows: {noted:?}");
}

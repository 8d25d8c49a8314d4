//! One of the two servers: a step goes in, with the values of this side put into its gaps; what came back comes out, the mails included.

use std::{collections::HashMap, sync::Arc, time::Duration};

use reqwest::Method;
use serde_json::Value;
use usermgr_tests::{Client, Folder, Reply, Server, all_mails};

use crate::{answer::Answer, steps::Step};

/// A server, what a client of it has kept, and how many of its mails have been looked at.
pub(crate) struct Side {
    server: Server,
    client: Client,
    kept: HashMap<String, String>,
    mails_seen: usize,
}

impl Side {
    pub(crate) fn new(server: Server) -> Self {
        Self { client: server.client(), server, kept: HashMap::new(), mails_seen: 0 }
    }

    pub(crate) fn folder(&self) -> Arc<Folder> {
        self.server.folder()
    }

    /// Does what a step says.
    pub(crate) async fn take(&mut self, step: &Step) -> Answer {
        let method = Method::from_bytes(step.method.as_bytes()).unwrap();
        let mut request = self.client.request(method, &self.fill(&step.path));
        for (name, value) in &step.headers {
            request = request.header(*name, self.fill(value));
        }
        if let Some(body) = &step.body {
            request = request.body(self.fill(body));
        }
        let reply = self.client.send(request).await;
        if let Some(name) = step.keep {
            self.keep(name, &reply);
        }
        Answer::new(&reply)
    }

    /// The mails since the last call, once there are `expected` of them, or no more have come for a while.
    pub(crate) fn mails(&mut self, expected: usize) -> Vec<String> {
        let folder = self.folder();
        let mut all = all_mails(&folder);
        for _ in 0..100 {
            if all.len() >= self.mails_seen + expected {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
            all = all_mails(&folder);
        }
        let new = all[self.mails_seen..].iter().map(|mail| {
            let (event, email) = (mail["event"].as_str().unwrap(), mail["email"].as_str().unwrap());
            let token = mail["token"].as_str();
            if let Some(token) = token {
                self.kept.insert(format!("{event}:{email}"), token.to_owned());
            }
            format!("{event} to {email}{}", if token.is_some() { " with a token" } else { "" })
        });
        let new = new.collect();
        self.mails_seen = all.len();
        new
    }

    /// Stops a server and asserts that it stops without errors. Returns the number of mails that were not read.
    pub(crate) fn stop(self) -> usize {
        let folder = self.server.stop();
        all_mails(&folder).len() - self.mails_seen
    }

    /// Remembers the id, the token and the cookie of an answer under a name.
    fn keep(&mut self, name: &str, reply: &Reply) {
        let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        for (kind, field) in [("id", "id"), ("bearer", "access_token")] {
            if let Some(value) = body[field].as_str() {
                self.kept.insert(format!("{kind}:{name}"), value.to_owned());
            }
        }
        if let Some(cookie) = reply.header("set-cookie") {
            let value = cookie.split([';', '=']).nth(1).unwrap();
            self.kept.insert(format!("cookie:{name}"), value.to_owned());
        }
    }

    /// Puts what was kept in the place of `$(kind:name)`.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("$(") {
            let (key, after) = after.split_once(')').expect("a gap is closed");
            filled += before;
            filled += self.kept.get(key).unwrap_or_else(|| {
                panic!("nothing was kept as {key} among {:?}\n{:?}", self.kept.keys(), all_mails(&self.folder()))
            });
            rest = after;
        }
        filled + rest
    }
}

/// The interpreter that has FastAPI Users, if there is one; what to say when there is none.
pub(crate) fn python() -> Option<String> {
    Some(usermgr_tests::python("beside FastAPI Users")?.to_str()?.to_owned())
}

/// The command of the FastAPI Users application over a folder.
pub(crate) fn fastapi_users(python: &str, folder: &Folder, command: &str) -> std::process::Command {
    let mut process = std::process::Command::new(python);
    process.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/fastapi_users_app.py"));
    process.arg(command).arg("--folder").arg(folder.path());
    process
}

/// Makes a user of both sides a verified superuser, each in its own way.
pub(crate) fn promote(python: &str, theirs: &Side, ours: &Side, email: &str) {
    let mut commands = [fastapi_users(python, &theirs.folder(), "promote"), usermgr_tests::command(&ours.folder())];
    commands[1].arg("promote");
    for command in &mut commands {
        let output = command.args(["--email", email]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

//! One of the two servers: a step goes in, with the values of this side put into its gaps; what came back comes out, the mails included.

use std::{collections::HashMap, fs, sync::Arc, time::Duration};

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use usermgr_tests::{Folder, Server};

use crate::{answer::Answer, steps::Step};

/// A server, what a client of it has kept, and how many of its mails have been looked at.
pub(crate) struct Side {
    server: Server,
    http: reqwest::Client,
    kept: HashMap<String, String>,
    mails_seen: usize,
}

impl Side {
    pub(crate) fn new(server: Server) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            // An idle connection may be closed by the server at the moment when it is used again.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { server, http, kept: HashMap::new(), mails_seen: 0 }
    }

    pub(crate) fn folder(&self) -> Arc<Folder> {
        self.server.folder()
    }

    /// Does what a step says.
    pub(crate) async fn take(&mut self, step: &Step) -> Answer {
        let method = Method::from_bytes(step.method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{}", self.server.address(), self.fill(&step.path)));
        for (name, value) in &step.headers {
            request = request.header(*name, self.fill(value));
        }
        if let Some(body) = &step.body {
            request = request.body(self.fill(body));
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{}: {error}", step.name));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        if let Some(name) = step.keep {
            self.keep(name, &headers, &text);
        }
        Answer::new(status, &headers, &text)
    }

    /// The mails since the last call, once there are `expected` of them, or no more have come for a while.
    pub(crate) fn mails(&mut self, expected: usize) -> Vec<String> {
        let all = (0..100)
            .find_map(|_| {
                let all = self.all_mails();
                if all.len() >= self.mails_seen + expected {
                    return Some(all);
                }
                std::thread::sleep(Duration::from_millis(20));
                None
            })
            .unwrap_or_else(|| self.all_mails());
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

    fn all_mails(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder().file("mail.jsonl")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Stops a server that stops well, and says how many mails nobody has looked at.
    pub(crate) fn stop(self) -> usize {
        let seen = self.mails_seen;
        let folder = self.server.stop();
        let text = fs::read_to_string(folder.file("mail.jsonl")).unwrap_or_default();
        text.lines().count() - seen
    }

    /// Remembers the id, the token and the cookie of an answer under a name.
    fn keep(&mut self, name: &str, headers: &HeaderMap, text: &str) {
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        for (kind, field) in [("id", "id"), ("bearer", "access_token")] {
            if let Some(value) = body[field].as_str() {
                self.kept.insert(format!("{kind}:{name}"), value.to_owned());
            }
        }
        if let Some(cookie) = headers.get("set-cookie").and_then(|value| value.to_str().ok()) {
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
                panic!("nothing was kept as {key} among {:?}\n{:?}", self.kept.keys(), self.all_mails())
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

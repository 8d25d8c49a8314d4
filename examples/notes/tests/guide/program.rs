//! The program, run as the page says.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{folder, steps};

/// A run of the program in an empty folder, on a port of its own.
struct Program {
    child: Child,
    out: mpsc::Receiver<String>,
    address: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut child = command(folder).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, out) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let line: String = out.recv_timeout(Duration::from_secs(30)).unwrap();
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, out, address }
    }

    /// The token in the next mail that it prints.
    fn mailed(&self) -> String {
        loop {
            let line = self.out.recv_timeout(Duration::from_secs(30)).expect("a mail is printed");
            if let Some((_, token)) = line.split_once('#') {
                return token.to_owned();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_notes"));
    command.current_dir(folder).env("NOTES_LISTEN", "127.0.0.1:0").env_remove("NOTES_SECRET");
    for name in ["NOTES_DATABASE", "NOTES_PROXIES", "NOTES_SECRET_FILE"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn the_commands_of_the_page_do_what_it_says_and_the_program_stops_in_order() {
    let folder = folder("run");
    let mut program = Program::start(&folder);

    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut answers = Vec::new();
    for (_, block) in steps().into_iter().filter(|(words, _)| words == "sh") {
        if block.contains("create-superuser") {
            let mut creating =
                command(&folder).args(["create-superuser", "root@example.com"]).stdin(Stdio::piped()).spawn().unwrap();
            creating.stdin.take().unwrap().write_all(b"correct horse battery").unwrap();
            assert!(creating.wait().unwrap().success());
        }
        if !block.starts_with("curl ") {
            continue;
        }
        if block.contains("MAIL_TOKEN") {
            known.insert("MAIL_TOKEN", program.mailed());
        }
        let typed =
            known.iter().fold(block.replace("http://127.0.0.1:8000", &program.address), |text, (name, value)| {
                text.replace(name, value)
            });
        let shell = format!("{} --silent --max-time 30 --write-out '\\n%{{http_code}}'", typed.trim_end());
        let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        let json: Value = serde_json::from_str(body).unwrap_or_else(|_| body.into());
        let token = json["access_token"].as_str().map(str::to_owned);
        if let Some(token) = token {
            known.insert(if block.contains("root@") { "ROOT_TOKEN" } else { "ADA_TOKEN" }, token);
        }
        if block.contains("/invitations") {
            known.insert("CODE", json.as_str().unwrap().to_owned());
        }
        if status == "201" {
            known.insert("ADA_ID", json["id"].as_str().unwrap().to_owned());
        }
        let path = block.split("127.0.0.1:8000").nth(1).unwrap().split_whitespace().next().unwrap();
        answers.push(format!("{path} {status}"));
    }
    assert_eq!(
        answers,
        [
            "/healthz 200",
            "/auth/bearer/login 200",
            "/users/me 200",
            "/auth/register 403",
            "/invitations 200",
            "/auth/register 201",
            "/auth/verify 200",
            "/auth/bearer/login 200",
            "/notes 200",
            "/members/ADA_ID/quota 200",
        ]
    );
    assert!(folder.join("notes.db-wal").exists());
    let stopped = Command::new("kill").args(["-TERM", &program.child.id().to_string()]).status().unwrap();
    assert!(stopped.success() && program.child.wait().unwrap().success());
    let mut left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["notes.db", "notes.secret"], "the log is in the file");
}

//! The first run of each example that serves: in an empty folder, with nothing set; and what the quickstart printed typed in as it
//! stands.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use usermgr_tests::{Folder, build, eventually, skip};

/// Where it listens, as the first screen says.
const ADDRESS: &str = "127.0.0.1:8000";

/// All examples listen at one address, so they run one after the other.
static TURN: Mutex<()> = Mutex::new(());

/// The turn to use the address, unless this machine cannot run the examples.
fn turn(example: &str) -> Option<MutexGuard<'static, ()>> {
    // Built before the port is tried, so that no other process takes it meanwhile.
    build(example);
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if !installed("curl") {
        skip(&format!("{example}: there is no curl"));
        return None;
    }
    if TcpListener::bind(ADDRESS).is_err() {
        skip(&format!("{example}: the port 8000 is taken"));
        return None;
    }
    Some(turn)
}

struct Example {
    child: Child,
    out: mpsc::Receiver<String>,
}

impl Example {
    fn start(name: &str, folder: &Folder) -> Self {
        let log = fs::File::create(folder.file("stderr.log")).unwrap();
        let mut child = Command::new(build(name))
            .current_dir(folder.path())
            .env_remove("RESET_SECRET")
            .env_remove("SECRET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, out) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, out }
    }

    /// The next line of its output.
    #[track_caller]
    fn line(&self) -> String {
        self.out.recv_timeout(Duration::from_secs(30)).expect("it prints another line")
    }

    /// What the quickstart printed before it began to serve: the address, and the two commands to try.
    fn greeting(&self) -> [String; 2] {
        assert_eq!(self.line(), format!("listening on http://{ADDRESS}"));
        assert_eq!(self.line(), "");
        let register = format!("{}\n{}", self.line(), self.line());
        [register, self.line()]
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a printed command in a shell, as a reader would, and returns what it answers.
fn typed(command: &str) -> Value {
    let shell = Command::new("sh").args(["-c", &format!("{command} --silent --max-time 30")]).output().unwrap();
    let text = String::from_utf8(shell.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {command}\n{text}"))
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[test]
fn the_first_screen_runs_with_nothing_set_says_what_it_made_and_does_what_it_printed() {
    let Some(_turn) = turn("quickstart") else { return };
    let folder = Folder::new();
    let quickstart = Example::start("quickstart", &folder);
    let [register, login] = quickstart.greeting();
    assert!(register.starts_with("curl ") && login.starts_with("curl "), "{register}\n{login}");

    let said = fs::read_to_string(folder.file("stderr.log")).unwrap();
    for (what, file) in [("database", "shop.db"), ("secret", "shop.secret")] {
        let path = folder.path().canonicalize().unwrap().join(file);
        let line = format!("usermgr: created the {what} {}", path.display());
        assert_eq!(said.lines().filter(|said| *said == line).count(), 1, "{line}\n{said}");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
    let secret = fs::read(folder.file("shop.secret")).unwrap();
    assert!(!said.contains(String::from_utf8_lossy(&secret).trim()));

    let user = typed(&register);
    assert_eq!((&user["email"], &user["is_active"]), (&"ada@example.com".into(), &true.into()), "{user}");
    assert_eq!(quickstart.line(), "ada@example.com has registered");
    let token = typed(&login);
    assert_eq!(token["token_type"], "bearer", "{token}");
    let me = format!(
        "curl http://{ADDRESS}/users/me -H 'authorization: Bearer {}'",
        token["access_token"].as_str().unwrap()
    );
    assert_eq!(typed(&me), user);
    assert_eq!(typed(&register)["detail"], "REGISTER_USER_ALREADY_EXISTS");
    drop(quickstart);

    // The second run finds what the first one made, and says nothing of it.
    let again = eventually("the port is free again", || {
        let mut again = Example::start("quickstart", &folder);
        thread::sleep(Duration::from_millis(200));
        match again.child.try_wait().unwrap() {
            Some(_) => None,
            None => Some(again),
        }
    });
    again.greeting();
    let mut said = String::new();
    fs::File::open(folder.file("stderr.log")).unwrap().read_to_string(&mut said).unwrap();
    assert!(!said.contains("created"), "{said}");
    assert_eq!(fs::read(folder.file("shop.secret")).unwrap(), secret);
    assert_eq!(typed(&me), user, "a session outlives the process");
    assert_eq!(typed(&login)["token_type"], "bearer");
}

/// A request to a running example, with a token where there is one.
fn ask(method: &str, path: &str, token: &Value, body: &Value) -> Value {
    let token = token.as_str().map(|token| format!("-H 'authorization: Bearer {token}'")).unwrap_or_default();
    let body = if body.is_null() { String::new() } else { format!("--json '{body}'") };
    typed(&format!("curl -X {method} http://{ADDRESS}{path} {token} {body}"))
}

/// The access token of a login as Ada.
fn log_in(backend: &str) -> Value {
    let credentials = json!({ "username": "ada@example.com", "password": "correct horse battery" });
    ask("POST", &format!("/auth/{backend}/login"), &Value::Null, &credentials)["access_token"].take()
}

#[test]
fn the_profile_example_keeps_its_fields_asks_for_a_name_and_lets_no_client_set_the_credits() {
    let Some(_turn) = turn("profile") else { return };
    let folder = Folder::new();
    let example = Example::start("profile", &folder);
    assert_eq!(example.line(), format!("listening on http://{ADDRESS}"));

    let mut ada =
        json!({ "email": "ada@example.com", "password": "correct horse battery", "name": " ", "credits": 99 });
    let refused = ask("POST", "/auth/register", &Value::Null, &ada);
    assert_eq!(refused["detail"]["code"], "NAME_REQUIRED", "{refused}");
    ada["name"] = "Ada".into();
    let user = ask("POST", "/auth/register", &Value::Null, &ada);
    assert_eq!((&user["name"], &user["credits"]), (&json!("Ada"), &json!(0)), "{user}");
    assert_eq!(example.line(), "Ada <ada@example.com> has registered");

    let token = &log_in("bearer");
    let update = json!({ "nickname": "countess", "credits": 99 });
    assert_eq!(ask("PATCH", "/users/me", token, &update)["nickname"], "countess");
    assert_eq!(ask("GET", "/credits", token, &Value::Null), 0);
}

#[test]
fn the_custom_store_example_registers_and_logs_in() {
    let Some(_turn) = turn("custom-store") else { return };
    let folder = Folder::new();
    let example = Example::start("custom-store", &folder);
    assert_eq!(example.line(), format!("listening on http://{ADDRESS}"));

    let ada = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    let user = ask("POST", "/auth/register", &Value::Null, &ada);
    assert_eq!(user["email"], "ada@example.com", "{user}");
    let token = &log_in("jwt");
    assert_eq!(ask("GET", "/users/me", token, &Value::Null), user);
    assert_eq!(ask("POST", "/auth/register", &Value::Null, &ada)["detail"], "REGISTER_USER_ALREADY_EXISTS");
}

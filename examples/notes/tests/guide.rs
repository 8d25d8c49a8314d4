//! The example against the guide's page of first steps, which prints it, and against its template. An application that is generated does
//! not get this file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

fn example() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(example().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks behind a heading of a page of the guide, each with the words behind its fence.
fn blocks(page: &str, heading: &str) -> Vec<(String, String)> {
    let page = read(&format!("../../usermgr/docs/{page}"));
    let (_, page) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let mut fences = page.split("\n```").skip(1);
    let mut blocks = Vec::new();
    while let Some(block) = fences.next() {
        let (words, text) = block.split_once('\n').unwrap();
        blocks.push((words.to_owned(), format!("{text}\n")));
        fences.next();
    }
    blocks
}

/// What first steps show of this application.
fn steps() -> Vec<(String, String)> {
    blocks("first-steps.md", "An application of your own")
}

/// The files whose code the application is.
fn sources() -> Vec<String> {
    let entries = fs::read_dir(example().join("src")).unwrap();
    entries.map(|entry| format!("src/{}", entry.unwrap().file_name().into_string().unwrap())).collect()
}

#[test]
fn the_page_prints_the_whole_example_in_its_order() {
    let files: Vec<String> = sources().into_iter().chain(["migrations/0001_notes.sql".to_owned()]).collect();
    let mut printed: BTreeMap<&str, Vec<String>> = files.iter().map(|file| (file.as_str(), Vec::new())).collect();
    for (words, block) in steps().into_iter().filter(|(words, _)| words == "rust,ignore" || words == "sql") {
        match files.iter().find(|file| read(file).contains(&block)) {
            Some(file) => printed.entry(file).or_default().push(block),
            None => assert!(read("tests/notes.rs").contains(&block), "{words}: no file has\n{block}"),
        }
    }
    for (file, blocks) in printed {
        assert!(blocks.join("\n") == read(file), "the page prints {file} otherwise");
    }
}

#[test]
fn the_page_on_deploying_prints_the_dockerfile_and_names_settings_that_the_program_reads() {
    let deploying = blocks("deploying.md", "A container");
    assert!(deploying.contains(&("dockerfile".to_owned(), read("Dockerfile"))));
    let text = read("Dockerfile") + &read("../../usermgr/docs/deploying.md");
    let of_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let names: BTreeSet<&str> = text.split(|c| !of_name(c)).filter(|word| word.starts_with("NOTES_")).collect();
    assert!(names.len() > 3, "{names:?}");
    for name in names {
        assert!(read("src/main.rs").contains(&format!("\"{name}\"")), "the program does not read {name}");
    }
}

#[test]
fn the_example_has_180_lines_of_rust_at_most() {
    // Without tests, blank lines, comments and imports.
    let counts = |line: &&str| {
        let line = line.trim_start();
        !(line.is_empty() || line.starts_with("//") || line.starts_with("use "))
    };
    let lines: usize = sources().iter().map(|file| read(file).lines().filter(counts).count()).sum();
    println!("{lines} lines of Rust");
    assert!((100..=180).contains(&lines), "{lines}");
}

/// The manifest of a generated application: what Liquid makes of the template, as far as the template uses it.
fn generated(usermgr: &str) -> String {
    let template = read("Cargo.toml.liquid");
    let mut text = String::new();
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once("{% if usermgr != \"\" %}") {
        let (inside, after) = after.split_once("{% endif %}").unwrap();
        text += before;
        text += if usermgr.is_empty() { "" } else { inside };
        rest = after;
    }
    text += rest;
    let text = text.replace("{{project-name}}", "my-notes").replace("{{usermgr}}", usermgr);
    assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
    text
}

#[test]
fn the_page_prints_the_dependencies_of_a_generated_application() {
    let manifest = generated("");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    let dependencies = dependencies.split("\n\n").next().unwrap();
    let printed = steps().into_iter().find(|(words, _)| words == "toml").unwrap().1;
    assert_eq!(printed, format!("[dependencies]\n{dependencies}\n"));
}

/// What `cargo metadata` says of a manifest's own package.
fn package(manifest: &Path) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version=1", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = manifest.parent().unwrap().canonicalize().unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap();
    let own = |package: &&mut Value| {
        Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().canonicalize().unwrap() == root
    };
    packages.iter_mut().find(own).unwrap().take()
}

/// The names of the dependencies of a kind, with the versions that they ask for.
fn dependencies(package: &Value, kind: &Value) -> BTreeMap<String, String> {
    let all = package["dependencies"].as_array().unwrap().iter().filter(|one| one["kind"] == *kind);
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().trim_start_matches(['^', '=']).to_owned();
    all.map(|one| (text(one, "name"), text(one, "req"))).collect()
}

/// Copies a folder, less what the template leaves out.
fn copy(from: &Path, to: &Path, ignored: &[PathBuf]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            _ if ignored.contains(&from) => {}
            true => copy(&from, &to, ignored),
            false => drop(fs::copy(&from, &to).unwrap()),
        }
    }
}

#[test]
fn a_generated_application_has_the_dependencies_of_the_example_and_resolves() {
    let config = read("cargo-generate.toml");
    let list = config.split_once("ignore = [").unwrap().1.split(']').next().unwrap();
    let ignored: Vec<PathBuf> = list.split('"').skip(1).step_by(2).map(|path| example().join(path)).collect();
    assert!(ignored.contains(&example().join("tests/guide.rs")), "{ignored:?}");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    copy(example(), &folder, &ignored);
    let clone = example().join("../..").canonicalize().unwrap();
    // A workspace of its own, since the folder is inside of one.
    let manifest = generated(clone.to_str().unwrap()) + "\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(clone.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let (ours, theirs) = (package(&example().join("Cargo.toml")), package(&folder.join("Cargo.toml")));
    assert_eq!(theirs["name"], "my-notes");
    for kind in [Value::Null, "dev".into()] {
        let (ours, theirs) = (dependencies(&ours, &kind), dependencies(&theirs, &kind));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, version) in &theirs {
            assert!(ours[name].starts_with(version), "{name}: {version} is not {}", ours[name]);
        }
    }
    let targets: Vec<&str> =
        theirs["targets"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(targets, ["notes"; 3], "the library, the program and the test");
}

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
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
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

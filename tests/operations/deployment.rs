//! The Dockerfile and the systemd unit of the server: what of them can be known without a daemon.

use std::{collections::BTreeMap, fs, net::TcpListener, path::Path, process::Command, sync::Arc};

use serde_json::json;
use usermgr_tests::{Folder, SECRET, Server, build, command, run, skip};

use super::{ended, line};

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn dockerfile() -> String {
    read("examples/server/Dockerfile")
}

fn unit() -> String {
    read("examples/server/usermgr.service")
}

/// The arguments of the instructions or settings of this name.
fn values<'a>(text: &'a str, name: &'a str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(name)).collect()
}

/// Names and values of variables.
fn variables<'a>(assignments: &[&'a str]) -> BTreeMap<&'a str, &'a str> {
    assignments.iter().flat_map(|line| line.split(' ')).map(|pair| pair.split_once('=').unwrap()).collect()
}

/// A server in a folder with these variables, and no others.
fn serve(folder: &Arc<Folder>, mut variables: BTreeMap<&str, String>) -> Server {
    let mut serve = command(folder);
    let others: Vec<_> = serve.get_envs().map(|(name, _)| name.to_owned()).collect();
    for name in others {
        serve.env_remove(name);
    }
    // A free port.
    let listen = variables["USERMGR_LISTEN"].rsplit_once(':').unwrap().0.to_owned();
    variables.insert("USERMGR_LISTEN", format!("{listen}:0"));
    serve.envs(variables).arg("serve");
    Server::spawn(folder.clone(), serve)
}

#[test]
fn every_variable_of_the_files_is_an_option() {
    let help = String::from_utf8(run(&Folder::new(), &["--help"]).stdout).unwrap();
    let (dockerfile, unit) = (dockerfile(), unit());
    let named = [variables(&values(&dockerfile, "ENV ")), variables(&values(&unit, "Environment="))];
    for name in named.iter().flat_map(BTreeMap::keys) {
        assert!(help.contains(&format!("[env: {name}")), "{name}");
    }
    assert_eq!(named.map(|names| names.len()), [4, 6]);
}

#[test]
fn the_image_is_built_as_the_tests_build() {
    let text = dockerfile();
    let channel = read("rust-toolchain.toml");
    let stages = values(&text, "FROM ");
    let toolchain = stages[0].strip_prefix("rust:").unwrap().strip_suffix("-trixie AS build").unwrap();
    assert!(channel.contains(&format!("channel = \"{toolchain}.")), "{toolchain}");
    // The same release of Debian, so that the program finds its C library.
    assert_eq!(stages[1..], ["debian:trixie-slim"]);
    assert_eq!(values(&text, "RUN cargo "), ["build --release --locked --package server"]);
    let program = build("server").file_name().unwrap().to_str().unwrap().to_owned();
    let copied = format!("--from=build /src/target/release/{program} /usr/local/bin/usermgr-server");
    assert!(values(&text, "COPY ").contains(&&*copied), "{text}");
    let entry: Vec<String> = serde_json::from_str(values(&text, "ENTRYPOINT ")[0]).unwrap();
    assert_eq!(entry, ["usermgr-server"]);
    // Nothing that is secret or large goes into the image.
    let ignored = read("examples/server/Dockerfile.dockerignore");
    let ours = read(".gitignore");
    for name in ours.lines().filter(|line| line.starts_with("*.")) {
        assert!(ignored.lines().any(|line| line.strip_prefix("**/") == Some(name)), "{name}");
    }
}

#[tokio::test]
async fn the_server_starts_with_the_variables_of_the_image_and_its_health_is_checked() {
    let folder = Arc::new(Folder::over(None));
    fs::write(folder.file("usermgr"), SECRET).unwrap();
    let text = dockerfile();
    let here = folder.path().to_str().unwrap().to_owned();
    let of_image = variables(&values(&text, "ENV ")).into_iter();
    let moved = of_image.map(|(name, value)| (name, value.replace("/data", &here).replace("/run/secrets", &here)));
    let server = serve(&folder, moved.collect());
    server.client().get("/healthz").await.expect(200);

    let check = values(&text, "HEALTHCHECK ")[0].split_once("CMD ").unwrap().1;
    let check: Vec<String> = serde_json::from_str(check).unwrap();
    assert_eq!(check, ["usermgr-server", "check", "--health"]);
    // The server listens on all addresses.
    let everywhere = format!("--listen=0.0.0.0:{}", server.address().rsplit_once(':').unwrap().1);
    let args: Vec<&str> = check[1..].iter().map(String::as_str).chain([&*everywhere]).collect();
    assert_eq!(line(&run(&folder, &args)), json!({ "alive": true }));
    server.stop();
    ended(&run(&folder, &args), 1);
}

#[test]
fn something_else_at_the_address_is_not_healthy() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("--listen={}", other.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::Write as _;
        other.accept().unwrap().0.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
    });
    assert!(ended(&run(&Folder::new(), &["check", "--health", &listen]), 1).contains("not alive"));
    answering.join().unwrap();
}

#[tokio::test]
async fn the_server_starts_with_the_variables_of_the_unit() {
    let folder = Arc::new(Folder::over(None));
    for directory in ["credentials", "state/usermgr", "logs/usermgr"] {
        fs::create_dir_all(folder.file(directory)).unwrap();
    }
    fs::write(folder.file("credentials/secret"), SECRET).unwrap();
    let text = unit();
    let place = |name: &str| folder.file(name).to_str().unwrap().to_owned();
    let moved = variables(&values(&text, "Environment=")).into_iter().map(|(name, value)| {
        let value = value.replace("%d", &place("credentials")).replace("%S", &place("state"));
        (name, value.replace("%L", &place("logs")))
    });
    let server = serve(&folder, moved.collect());
    server.client().register("ada@example.com", usermgr_tests::PASSWORD).await.expect(201);
    server.stop();
    for file in ["state/usermgr/usermgr.db", "logs/usermgr/audit.jsonl"] {
        assert!(folder.file(file).exists(), "{file}");
    }
}

#[test]
fn systemd_understands_the_unit_and_finds_it_well_closed() {
    let analyze = |args: &[&str], path: &Path| Command::new("systemd-analyze").args(args).arg(path).output();
    let folder = Folder::new();
    let path = folder.file("usermgr.service");
    // The program must be there to be verified.
    let text = unit().replace("/usr/local/bin/usermgr-server", build("server").to_str().unwrap());
    let said = |text: &str| {
        fs::write(&path, text).unwrap();
        analyze(&["verify", "--man=no"], &path).map(|output| String::from_utf8(output.stderr).unwrap())
    };
    let Ok(verdict) = said(&text) else {
        skip("the systemd unit: there is no systemd-analyze");
        return;
    };
    assert_eq!(verdict, "");
    assert!(said(&text.replace("NoNewPrivileges", "NoNewPrivilege")).unwrap().contains("NoNewPrivilege"));

    fs::write(&path, &text).unwrap();
    // 0 is closed and 10 is open; the threshold is in tenths.
    let closed = analyze(&["security", "--offline=true", "--threshold=20"], &path).unwrap();
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stdout));
    fs::write(&path, text.replace("ProtectSystem=strict", "").replace("PrivateUsers=yes", "")).unwrap();
    let open = analyze(&["security", "--offline=true", "--threshold=14"], &path).unwrap();
    assert!(!open.status.success(), "the control is as closed: {}", String::from_utf8_lossy(&open.stdout));
}

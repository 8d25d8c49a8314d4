//! Clients of other people's over a running server: Authlib logs in, and schemathesis takes the OpenAPI document at its word.

use std::{collections::BTreeMap, ffi::OsStr, path::Path, process::Command};

use serde_json::json;
use usermgr_tests::{PASSWORD, Server, command, python};

fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name));
    command
}

/// What it said, on both streams, and whether it was content.
async fn run(mut command: Command) -> (bool, String) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn authlib_s_password_grant_logs_in_and_reads_its_account() {
    let Some(python) = python("Authlib does not log in") else { return };
    let server = Server::start(&[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    let log_in = |password: &str| {
        let mut client = script(&python, "authlib_client.py");
        client.args([server.address(), "ada@example.com", password]);
        run(client)
    };
    let (good, said) = log_in(PASSWORD).await;
    assert!(good && said.lines().any(|line| line == "ada@example.com"), "{said}");
    let (good, said) = log_in("wrong").await;
    assert!(!good && said.contains("LOGIN_BAD_CREDENTIALS"), "{said}");
}

/// What schemathesis does: each operation alone, as long as it takes, and chains of them for a while.
const PHASES: [&[&str]; 2] =
    [&["coverage,fuzzing", "--max-examples", "5"], &["stateful", "--max-examples", "10", "--max-time", "15"]];

#[tokio::test]
async fn schemathesis_finds_no_5xx_no_undocumented_status_and_no_breach_of_a_schema() {
    let Some(python) = python("schemathesis does not look at the server") else { return };
    let server = Server::start(&[]);
    let promote = command(&server.folder());
    let text = |text: &OsStr| text.to_str().unwrap().to_owned();
    let env: BTreeMap<_, _> = promote.get_envs().filter_map(|(name, value)| Some((text(name), text(value?)))).collect();
    let promote = json!({ "args": [text(promote.get_program()), "promote", "--email"], "env": env });
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let mut said = Vec::new();
    for phase in PHASES {
        let mut schemathesis = Command::new(&python);
        // `positive_data_acceptance` takes a refused login for a refused body; `ignored_auth` sends the token of the hook along;
        // `use_after_free` takes the list of a user's sessions, which stays and is empty after all of them have ended, for a resource.
        schemathesis
            .args(["-m", "schemathesis.cli", "run", &format!("{}/openapi.json", server.address())])
            .args(["--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth,use_after_free"])
            .args(["--seed", "1", "--no-color", "--warnings", "off", "--generation-database", "none", "--phases"])
            .args(phase)
            .current_dir(server.folder().path())
            .env("PYTHONPATH", &ours)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SCHEMATHESIS_HOOKS", "schemathesis_auth")
            .env("USERMGR_TEST_ADDRESS", server.address())
            .env("USERMGR_TEST_PROMOTE", promote.to_string());
        let (good, heard) = run(schemathesis).await;
        assert!(good, "{heard}");
        said.push(heard);
    }
    // It has seen every operation, and not only been turned away.
    let document = server.client().get("/openapi.json").await.expect(200).json();
    let operations: usize =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert!(operations >= 36 && said[0].contains(&format!("Tested: {operations}\n")), "{operations}: {}", said[0]);
    server.client().get("/healthz").await.expect(200);
}

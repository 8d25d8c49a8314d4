//! What an operator sees and does: commands with their exit codes, the log, the audit file, metrics, spans, secrets that are replaced, and
//! the files with which the server is deployed.

use std::process::Output;

use serde_json::Value;

#[path = "operations/audit.rs"]
mod audit;
#[path = "operations/commands.rs"]
mod commands;
#[path = "operations/deployment.rs"]
mod deployment;
#[path = "operations/metrics.rs"]
mod metrics;
#[path = "operations/passwords.rs"]
mod passwords;
#[path = "operations/secrets.rs"]
mod secrets;
#[path = "operations/spans.rs"]
mod spans;

/// The JSON lines that a command printed, which must have done its work.
#[track_caller]
fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    json_lines(&String::from_utf8(output.stdout.clone()).unwrap())
}

/// The one JSON line.
#[track_caller]
fn line(output: &Output) -> Value {
    let mut all = lines(output);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[track_caller]
fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// What a command said that ended with this exit code.
#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

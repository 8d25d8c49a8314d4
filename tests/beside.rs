//! Side by side with the real thing: FastAPI Users and the reference server are started, the same requests go to both, and their answers
//! and mails are compared. Where they differ, [`differ`] says so and why; what it does not list is a failure, and so is what it lists
//! but does not happen any more.

#[path = "beside/answer.rs"]
mod answer;
#[path = "beside/differ.rs"]
mod differ;
#[path = "beside/entrance.rs"]
mod entrance;
#[path = "beside/household.rs"]
mod household;
#[path = "beside/side.rs"]
mod side;
#[path = "beside/steps.rs"]
mod steps;
#[path = "beside/verified.rs"]
mod verified;

use std::{collections::HashSet, sync::Arc};

use answer::{Answer, Difference};
use differ::Allowed;
use side::Side;
use steps::Step;
use usermgr_tests::{Folder, Server};

/// Sends the steps to both servers, one after the other, and returns what differs.
async fn compare(python: &str, flags: &[&str], steps: &[Step], allowed: &[Allowed]) -> Vec<Difference> {
    let folder = Arc::new(Folder::new());
    let mut command = side::fastapi_users(python, &folder, "serve");
    command.arg("--cheap").args(flags);
    let mut theirs = Side::new(Server::spawn(folder, command));
    let mut ours = Side::new(Server::start(&[&["--cookie-name", "fastapiusersauth"], flags].concat()));
    let mut differences = Vec::new();
    for step in steps {
        if let Some(email) = step.promotes() {
            side::promote(python, &theirs, &ours, email);
            continue;
        }
        let (their_answer, our_answer) = (theirs.take(step).await, ours.take(step).await);
        let their_mails = theirs.mails(0);
        // Ours are delivered after the answer.
        let our_mails = ours.mails(differ::our_mails(allowed, step.name, &their_mails));
        differences.extend(Answer::differences(step.name, (&their_answer, &their_mails), (&our_answer, &our_mails)));
    }
    assert_eq!(ours.stop(), 0, "mails that FastAPI Users does not send");
    differences
}

/// Fails unless exactly the listed differences occurred.
fn judge(differences: &[Difference], allowed: &[Allowed]) {
    let unlisted = differences.iter().filter(|found| !allowed.iter().any(|row| row.covers(found)));
    let vanished = allowed.iter().filter(|row| !differences.iter().any(|found| row.covers(found)));
    let lines: Vec<_> = unlisted
        .map(|found| format!("not listed: {found:?}"))
        .chain(vanished.map(|row| format!("listed, but not so: {row:?}")))
        .collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

fn assert_names_are_unique(steps: &[Step]) {
    let mut names = HashSet::new();
    for step in steps.iter().filter(|step| step.promotes().is_none()) {
        assert!(names.insert(step.name), "two steps are called {:?}", step.name);
    }
}

#[tokio::test]
async fn every_request_is_answered_as_by_fastapi_users() {
    let steps = steps::all();
    assert_names_are_unique(&steps);
    assert!(steps.len() >= 120, "{}", steps.len());
    let Some(python) = side::python() else { return };
    judge(&compare(&python, &[], &steps, differ::ALWAYS).await, differ::ALWAYS);
}

#[tokio::test]
async fn a_server_for_verified_users_alone_answers_as_fastapi_users() {
    let steps = verified::all();
    assert_names_are_unique(&steps);
    let Some(python) = side::python() else { return };
    judge(&compare(&python, &["--require-verified"], &steps, differ::VERIFIED).await, differ::VERIFIED);
}

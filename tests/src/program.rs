//! Runs of the server's program to its end, and signals to a process.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use crate::{Folder, command};

/// Runs a command of the program, without an input.
///
/// # Panics
/// When it cannot be started.
pub fn run(folder: &Folder, args: &[&str]) -> Output {
    command(folder).args(args).stdin(Stdio::null()).output().expect("the program starts")
}

/// Runs a command of the program with this text as its standard input.
///
/// # Panics
/// When it cannot be started.
pub fn run_with_input(folder: &Folder, args: &[&str], input: &str) -> Output {
    let mut program = command(folder);
    program.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program starts");
    // A command that refuses before it reads closes the pipe.
    let _ = child.stdin.take().expect("the input is a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

/// Sends a signal to a process that runs.
///
/// # Panics
/// When it does not run any more.
#[cfg(unix)]
pub fn signal(process: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(pid.expect("a process id"), signal).expect("the process still runs");
}

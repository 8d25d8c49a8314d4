//! A PostgreSQL of a test's own, which the test may kill and start again. What it acknowledges is durable, as in its default settings.

use std::{
    fs::{self, File},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::skip;

/// A cluster that runs, reached by a socket in its folder alone. It is killed when it is dropped; the folder is the caller's.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    home: PathBuf,
    /// PostgreSQL refuses to be root: then it is `nobody`.
    owner: Option<(u32, u32)>,
    postmaster: Child,
}

impl Cluster {
    /// Makes one in a folder that is not there yet, and starts it; or notes that PostgreSQL is not installed.
    ///
    /// # Panics
    /// When it is, and does not start.
    pub fn start(home: PathBuf) -> Option<Self> {
        let Some(programs) = programs() else {
            skip("a PostgreSQL to be killed: there is no initdb");
            return None;
        };
        let owner = geteuid().is_root().then(|| (id_of_nobody("-u"), id_of_nobody("-g")));
        fs::create_dir(&home).expect("the folder can be made");
        if let Some((user, group)) = owner {
            chown(&home, Some(user), Some(group)).expect("the folder can be given away");
        }
        let mut make = program(&programs, "initdb", owner);
        make.args(["--username=usermgr", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
        make.args(["--no-sync", "--no-instructions", "--pgdata"]).arg(home.join("data"));
        let made = make.output().expect("initdb starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let postmaster = postmaster(&programs, &home, owner);
        Some(Self { programs, home, owner, postmaster })
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?user=usermgr&host={}", self.home.display())
    }

    /// Kills it and all its processes, in the middle of their work.
    ///
    /// # Panics
    /// When it has ended before.
    pub fn kill(&mut self) {
        assert!(self.postmaster.try_wait().expect("it can be waited for").is_none(), "PostgreSQL still runs");
        end(&mut self.postmaster);
    }

    /// Starts it again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.postmaster = postmaster(&self.programs, &self.home, self.owner);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        end(&mut self.postmaster);
    }
}

/// Kills a postmaster with its children, which each lead their own session.
fn end(postmaster: &mut Child) {
    let children = children_of(postmaster.id());
    let _ = postmaster.kill();
    for pid in children {
        // It may have followed by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
    let _ = postmaster.wait();
}

/// Starts a postmaster, again and again while what is left of the one before is in its way, until it takes connections.
fn postmaster(programs: &Path, home: &Path, owner: Option<(u32, u32)>) -> Child {
    let end = Instant::now() + Duration::from_secs(30);
    let start = || {
        let log = File::options().create(true).append(true).open(home.join("log")).expect("the log opens");
        let mut serve = program(programs, "postgres", owner);
        serve.arg("-D").arg(home.join("data")).arg("-k").arg(home).args(["-h", "", "-c", "shared_buffers=16MB"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("postgres starts")
    };
    let mut child = start();
    loop {
        let mut ask = program(programs, "pg_isready", owner);
        let answer = ask.args(["--quiet", "--timeout=1", "--host"]).arg(home).status();
        if answer.expect("pg_isready starts").success() {
            return child;
        }
        if child.try_wait().expect("it can be waited for").is_some() {
            child = start();
        }
        let log = || fs::read_to_string(home.join("log")).unwrap_or_default();
        assert!(Instant::now() < end, "PostgreSQL does not start:\n{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn program(programs: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    // `nobody` may not be able to read the caller's folder.
    command.current_dir("/").env("LC_ALL", "C");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Where Debian puts the programs of PostgreSQL, the newest version last; elsewhere they are found by name.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = debian.into_iter().rev().chain(std::env::split_paths(&path).collect::<Vec<_>>());
    all.into_iter().find(|folder| folder.join("initdb").is_file())
}

fn id_of_nobody(flag: &str) -> u32 {
    let output = Command::new("id").args([flag, "nobody"]).output().expect("id starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("there is a user `nobody`")
}

/// The processes that say that this is their parent; none where the kernel does not tell.
fn children_of(parent: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let child = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name, in brackets, may hold anything; behind it stand the state and the parent.
        let (_, behind) = stat.rsplit_once(')')?;
        let of: u32 = behind.split_whitespace().nth(1)?.parse().ok()?;
        let pid = entry.file_name().to_str()?.parse().ok()?;
        (of == parent).then(|| Pid::from_raw(pid))?
    };
    processes.filter_map(child).collect()
}

//! The options of the bench.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};

const SITTINGS: usize = 3;
/// Into how many turns a round beside an earlier version is divided. A machine that is shared becomes faster and slower from second to
/// second, so that both versions must be measured in the same second.
pub(crate) const SLICES: u32 = 8;

/// Measures usermgr beside the same application written by hand and, where its Python is there, beside FastAPI Users.
#[derive(Parser)]
pub(crate) struct Options {
    /// What to measure; everything but `build` when nothing is named.
    #[arg(value_enum)]
    pub(crate) workloads: Vec<Workload>,
    /// How often each contender has its turn.
    #[arg(long, default_value_t = 6)]
    pub(crate) rounds: usize,
    /// How long a contender is measured in a round, in seconds; in a storm twice as long.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// How many users the databases have whose growth is measured. The first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000])]
    pub(crate) growth: Vec<u32>,
    /// One more size: ten million users. Takes some minutes and 6 GB.
    #[arg(long)]
    pub(crate) huge: bool,
    /// A folder with `server` and `plain` as an earlier version has built them: each is measured in turns with its successor, and
    /// nothing else is.
    #[arg(long)]
    pub(crate) before: Option<PathBuf>,
    /// The folder for the databases while they are needed, for `results.json` and `chart.svg`. What an earlier run has left in the
    /// results of workloads that are not measured now stays.
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// `GET /users/me` with every kind of session.
    Me,
    /// A handler that needs a permission, with a session and with an API key, beside one that takes any user.
    Permissions,
    /// A login by form.
    Login,
    /// A registration.
    Register,
    /// Refresh tokens.
    Refresh,
    /// `GET /users/me` while 8 clients log in without pause.
    Storm,
    /// `GET /users/me` on 100 connections beside 2,000 idle ones.
    Crowd,
    /// From the start of the process to its first answer.
    Startup,
    /// Memory when idle, in a storm and after it.
    Memory,
    /// The first ones again on PostgreSQL, where `USERMGR_TEST_POSTGRES` names one.
    Postgres,
    /// The same work over more and more users.
    Growth,
    /// Packages, clean build and size of the binary. Takes minutes.
    Build,
}

impl Options {
    pub(crate) fn wants(&self, workload: Workload) -> bool {
        match self.workloads.as_slice() {
            [] => workload != Workload::Build,
            named => named.contains(&workload),
        }
    }

    pub(crate) fn turn(&self) -> Duration {
        let slices = if self.before.is_some() { SLICES } else { 1 };
        Duration::from_secs_f64(self.seconds.max(0.1)) / slices
    }

    /// How many rounds each sitting has. Where the system happens to put a process in memory makes it faster or slower as long as it
    /// runs, so that every contender is restarted for each sitting.
    pub(crate) fn sittings(&self) -> impl Iterator<Item = usize> + use<> {
        let rounds = self.rounds;
        (0..SITTINGS).map(move |sitting| (rounds + sitting) / SITTINGS).filter(|rounds| *rounds > 0)
    }

    pub(crate) fn sizes(&self) -> Vec<u32> {
        let huge = self.huge.then_some(10_000_000);
        self.growth.iter().copied().chain(huge).collect()
    }
}

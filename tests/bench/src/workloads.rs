//! The workloads that load contenders in turns: which contenders, with what load, and what is noted of a turn.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use crate::{
    Bench, Failure,
    client::{Connection, Script, load},
    contender::{Contender, Kind, USERS},
    database::Database,
    options::{SLICES, Workload},
    programs::Programs,
    results::{Measure, Measured, Table},
    statistics::turns,
};

/// Connections that ask without pause.
const BUSY: usize = 16;
const STORM: usize = 8;
const CROWD: usize = 100;
/// The names of an earlier version and of its successor.
pub(crate) const BEFORE: &str = "before";
pub(crate) const AFTER: &str = "after";
const IDLE: usize = 2000;
/// How often each client of a storm logs in beside an earlier version: both carry the same load, and the readers are compared.
const PACE: Duration = Duration::from_millis(400);

pub(crate) struct Plan {
    pub(crate) workload: Workload,
    pub(crate) name: &'static str,
    /// The first is what the others are compared with.
    contenders: &'static [Kind],
    on_postgres: &'static [Kind],
}

use Kind::{Cached, Cookie, Current, Defaults, FastApi, Floor, Key, Plain, Requires, Revocable, Server};

pub(crate) const PLANS: &[Plan] = &[
    Plan {
        workload: Workload::Me,
        name: "me",
        contenders: &[Floor, Plain, Revocable, Server, Cookie, Defaults, Cached, FastApi],
        on_postgres: &[Floor, Plain, Revocable, Cookie, Cached],
    },
    Plan {
        workload: Workload::Permissions,
        name: "permissions",
        contenders: &[Current, Requires, Key],
        on_postgres: &[Current, Requires, Key],
    },
    Plan {
        workload: Workload::Login,
        name: "login",
        contenders: &[Floor, Plain, Server, Defaults, FastApi],
        on_postgres: &[Floor, Plain, Server],
    },
    Plan {
        workload: Workload::Register,
        name: "register",
        contenders: &[Floor, Plain, Server, FastApi],
        on_postgres: &[Floor, Plain],
    },
    Plan { workload: Workload::Refresh, name: "refresh", contenders: &[Server, Defaults], on_postgres: &[Server] },
    Plan {
        workload: Workload::Storm,
        name: "storm",
        contenders: &[Floor, Plain, Server, FastApi],
        on_postgres: &[Floor, Plain],
    },
    Plan { workload: Workload::Crowd, name: "crowd", contenders: &[Floor, Plain], on_postgres: &[] },
];

/// A contender with what its connections do.
pub(crate) struct Ready {
    pub(crate) contender: Contender,
    pub(crate) scripts: Vec<Script>,
    pub(crate) beside: Vec<Script>,
    /// How often those beside begin; without it they do so without pause.
    pub(crate) pace: Option<Duration>,
    /// Open, and silent.
    pub(crate) idle: Vec<Connection>,
}

impl Ready {
    pub(crate) fn new(contender: Contender, scripts: Vec<Script>) -> Self {
        Self { contender, scripts, beside: Vec::new(), pace: None, idle: Vec::new() }
    }

    async fn of(workload: Workload, contender: Contender) -> Result<Self, Failure> {
        let scripts = match workload {
            Workload::Me | Workload::Permissions => contender.readers(BUSY).await?,
            Workload::Storm => contender.readers(STORM).await?,
            Workload::Crowd => contender.readers(CROWD).await?,
            Workload::Login => contender.logins(STORM),
            Workload::Register => vec![Script::Register(Arc::new(AtomicU64::new(0))); STORM],
            Workload::Refresh => {
                let credentials = contender.log_in((0..USERS).map(crate::contender::email)).await?;
                let refresh = |token: Option<String>| token.map(Script::Refresh).ok_or("there is no refresh token");
                credentials.into_iter().map(|one| refresh(one.refresh)).collect::<Result<_, _>>()?
            }
            Workload::Startup | Workload::Memory | Workload::Postgres | Workload::Growth | Workload::Build => {
                return Err("this workload has connections of its own, or none".into());
            }
        };
        let mut ready = Self::new(contender, scripts);
        if workload == Workload::Storm {
            ready.beside = ready.contender.logins(STORM);
        }
        if workload == Workload::Crowd {
            for _ in 0..IDLE {
                ready.idle.push(Connection::open(ready.contender.address()).await?);
            }
        }
        Ok(ready)
    }

    /// One turn.
    pub(crate) async fn turn(&mut self, bench: &Bench, measured: &mut Measured) -> Result<(), Failure> {
        let stormy = !self.beside.is_empty();
        let window = bench.options.turn() * if stormy { 2 } else { 1 };
        let process = self.contender.process();
        let mut times = Vec::new();
        let groups = [&mut self.scripts, &mut self.beside];
        let [done, beside] = load(self.contender.address(), groups, self.pace, window, || times.extend(process.time()))
            .await
            .map_err(|failure| -> Failure { format!("{}: {failure}", self.contender.name).into() })?;
        measured.note(Measure::Rate, done.rate());
        measured.note(Measure::P50, done.quantile(0.5));
        measured.note(Measure::P99, done.quantile(0.99));
        match times.as_slice() {
            // What a storm costs is not the readers'.
            [before, after] if !stormy => {
                let per_request = (*after - *before).as_secs_f64() * 1e6 / (done.rate() * done.elapsed.as_secs_f64());
                measured.note(Measure::Cpu, per_request);
            }
            _ => measured.note(Measure::Beside, beside.rate()),
        }
        Ok(())
    }
}

impl Plan {
    pub(crate) fn is_on_postgres(&self) -> bool {
        !self.on_postgres.is_empty()
    }

    pub(crate) async fn run(&self, bench: &Bench, server: Option<&str>) -> Result<Table, Failure> {
        let name = if server.is_some() { format!("{} (PostgreSQL)", self.name) } else { self.name.to_owned() };
        let mut table = Table { workload: name.clone(), contenders: Vec::new() };
        for rounds in bench.options.sittings() {
            let (sitting, databases) = in_turns(bench, rounds, name.clone(), self.ready(bench, server).await?).await?;
            for database in databases {
                database.remove().await?;
            }
            table.append(sitting);
        }
        Ok(table)
    }

    /// Each contender that an earlier version has too, beside itself as it was: a table each.
    pub(crate) async fn run_beside_the_past(&self, bench: &Bench, past: &Programs) -> Result<Vec<Table>, Failure> {
        let mut tables = Vec::new();
        for kind in self.contenders.iter().copied().filter(|kind| kind.has_a_past()) {
            let name = format!("{}, {}", self.name, kind.name());
            let mut table = Table { workload: name.clone(), contenders: Vec::new() };
            // Both are started for each round: two versions differ less than two starts of one do.
            for round in 0..bench.options.rounds {
                let mut ready = Vec::new();
                let mut versions = [(past, BEFORE), (&bench.programs, AFTER)];
                versions.rotate_left(round % 2);
                for (programs, when) in versions {
                    let database = Database::sqlite(&bench.options.out)?;
                    let contender = Contender::start(kind, programs, database).await?.named(when.to_owned());
                    let mut one = Ready::of(self.workload, contender).await?;
                    one.pace = Some(PACE);
                    ready.push(one);
                }
                let (mut sitting, databases) = in_turns(bench, SLICES as usize, name.clone(), ready).await?;
                for database in databases {
                    database.remove().await?;
                }
                sitting.contenders.iter_mut().for_each(Measured::summarize);
                table.append(sitting);
            }
            tables.push(table);
        }
        Ok(tables)
    }

    async fn ready(&self, bench: &Bench, server: Option<&str>) -> Result<Vec<Ready>, Failure> {
        let kinds = if server.is_some() { self.on_postgres } else { self.contenders };
        let mut ready = Vec::new();
        for kind in kinds.iter().copied().filter(|kind| bench.can_run(*kind)) {
            let database = match server {
                Some(server) => Database::postgres(&bench.options.out, server).await?,
                None => Database::sqlite(&bench.options.out)?,
            };
            let contender = Contender::start(kind, &bench.programs, database).await?;
            ready.push(Ready::of(self.workload, contender).await?);
        }
        Ok(ready)
    }
}

/// Lets them have their turns, round after round, ends them, and gives their databases back.
pub(crate) async fn in_turns(
    bench: &Bench,
    rounds: usize,
    name: String,
    mut ready: Vec<Ready>,
) -> Result<(Table, Vec<Database>), Failure> {
    let mut measured: Vec<_> = ready.iter().map(|ready| Measured::new(&ready.contender.name)).collect();
    for round in 0..rounds {
        for turn in turns(round, ready.len()) {
            ready[turn].turn(bench, &mut measured[turn]).await?;
        }
    }
    let databases = ready.into_iter().map(|ready| ready.contender.stop()).collect::<Result<_, _>>()?;
    Ok((Table { workload: name, contenders: measured }, databases))
}

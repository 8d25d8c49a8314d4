//! How fast usermgr is: starts release builds on loopback, lets pairs of them work in alternating rounds, and prints medians, ratios and
//! their spread, as tables, as JSON and as a chart.

mod chart;
mod client;
mod contender;
mod cost;
mod database;
mod growth;
mod lifetime;
mod options;
mod process;
mod programs;
#[cfg(test)]
mod record;
mod report;
mod results;
mod statistics;
mod workloads;

use std::{fs, process::ExitCode};

use clap::Parser;
use contender::Kind;
use options::{Options, Workload};
use programs::Programs;
use results::{Results, Table};

/// What ends the run; it is printed.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// A run.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) programs: Programs,
}

impl Bench {
    pub(crate) fn can_run(&self, kind: Kind) -> bool {
        kind != Kind::FastApi || self.programs.python().is_some()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Failure> {
    fs::create_dir_all(&options.out)?;
    let file = options.out.join("results.json");
    let mut results = Results::read(&file)?;
    let server = std::env::var(database::POSTGRES).ok().filter(|_| options.wants(Workload::Postgres));
    if server.is_none() && options.wants(Workload::Postgres) {
        println!("left out: PostgreSQL ({} names none)", database::POSTGRES);
    }
    let programs = Programs::build(server.is_some())?;
    let bench = Bench { options, programs };
    let mut keep = |table: Table| -> Result<(), Failure> {
        println!("\n{}", report::medians(&table));
        results.put(table);
        results.write(&file)
    };
    if let Some(folder) = &bench.options.before {
        let past = Programs::built(folder)?;
        for plan in workloads::PLANS.iter().filter(|plan| bench.options.wants(plan.workload)) {
            for table in plan.run_beside_the_past(&bench, &past).await? {
                keep(table)?;
            }
        }
        println!("\n{}", report::comparisons(&results, report::INTERVAL));
        return Ok(());
    }
    for plan in workloads::PLANS {
        if bench.options.wants(plan.workload) {
            keep(plan.run(&bench, None).await?)?;
        }
    }
    if bench.options.wants(Workload::Startup) {
        keep(lifetime::startup(&bench).await?)?;
    }
    if bench.options.wants(Workload::Memory) {
        keep(lifetime::memory(&bench).await?)?;
    }
    for plan in workloads::PLANS.iter().filter(|plan| plan.is_on_postgres()) {
        if let Some(server) = &server {
            keep(plan.run(&bench, Some(server)).await?)?;
        }
    }
    if bench.options.wants(Workload::Growth) {
        for table in growth::growth(&bench).await? {
            keep(table)?;
        }
    }
    if bench.options.wants(Workload::Build) {
        keep(cost::cost()?)?;
    }
    println!("\n{}", report::comparisons(&results, report::MIDDLE_HALF));
    if let Some(chart) = chart::svg(&results) {
        fs::write(bench.options.out.join("chart.svg"), chart)?;
    }
    println!("results.json and chart.svg are in {}", bench.options.out.display());
    Ok(())
}

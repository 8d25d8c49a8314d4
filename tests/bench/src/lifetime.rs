//! What a process costs by itself: the time to its first answer, and its memory when idle, in a storm and after it.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Bench, Failure,
    client::load,
    contender::{Contender, Kind},
    database::Database,
    results::{Measure, Measured, Table},
    statistics::turns,
};

const KINDS: [Kind; 4] = [Kind::Floor, Kind::Plain, Kind::Server, Kind::FastApi];
const READERS: usize = 8;
const LOGINS: usize = 8;
/// Longer than hashing threads without work keep their memory.
const AFTERWARDS: Duration = Duration::from_millis(2600);
/// Each turn takes some seconds, and memory is the same each time.
const ROUNDS: usize = 3;

fn contenders(bench: &Bench) -> Vec<Kind> {
    KINDS.into_iter().filter(|kind| bench.can_run(*kind)).collect()
}

/// Over databases that are there already.
pub(crate) async fn startup(bench: &Bench) -> Result<Table, Failure> {
    let kinds = contenders(bench);
    let mut measured: Vec<_> = kinds.iter().map(|kind| Measured::new(kind.name())).collect();
    let mut databases = Vec::new();
    for kind in &kinds {
        let contender = Contender::start(*kind, &bench.programs, Database::sqlite(&bench.options.out)?).await?;
        databases.push(Some(contender.stop()?));
    }
    for round in 0..bench.options.rounds {
        for turn in turns(round, kinds.len()) {
            let database = databases[turn].take().ok_or("each turn puts its database back")?;
            let (took, contender) = Contender::first_answer(kinds[turn], &bench.programs, database).await?;
            measured[turn].note(Measure::Startup, took.as_secs_f64() * 1000.0);
            databases[turn] = Some(contender.stop()?);
        }
    }
    for database in databases.into_iter().flatten() {
        database.remove().await?;
    }
    Ok(Table { workload: "startup".into(), contenders: measured })
}

/// Each turn is a new process, which has answered one request before it is idle.
pub(crate) async fn memory(bench: &Bench) -> Result<Table, Failure> {
    let kinds = contenders(bench);
    let mut measured: Vec<_> = kinds.iter().map(|kind| Measured::new(kind.name())).collect();
    for round in 0..bench.options.rounds.min(ROUNDS) {
        for turn in turns(round, kinds.len()) {
            let filled = Contender::start(kinds[turn], &bench.programs, Database::sqlite(&bench.options.out)?).await?;
            let (_, contender) = Contender::first_answer(kinds[turn], &bench.programs, filled.stop()?).await?;
            let process = contender.process();
            let mut now = |measure| process.memory().map(|(held, _)| measured[turn].note(measure, held));
            sleep(Duration::from_millis(300)).await;
            now(Measure::Idle);
            let groups = [&mut contender.readers(READERS).await?, &mut contender.logins(LOGINS)];
            load(contender.address(), groups, None, bench.options.turn() * 2, || {}).await?;
            now(Measure::Loaded);
            sleep(AFTERWARDS).await;
            now(Measure::After);
            if let Some((_, most)) = process.memory() {
                measured[turn].note(Measure::Most, most);
            }
            contender.stop()?.remove().await?;
        }
    }
    Ok(Table { workload: "memory".into(), contenders: measured })
}

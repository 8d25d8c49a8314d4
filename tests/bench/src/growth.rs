//! The same work over more and more users: one server for each size, in turns.

use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    Bench, Failure,
    client::{Script, login},
    contender::{Contender, Kind},
    database::{Database, filled},
    results::Table,
    workloads::{Ready, in_turns},
};

const READERS: u32 = 16;
const LOGINS: u32 = 8;

/// The users that are asked for lie all over the table.
fn spread(size: u32, count: u32) -> impl Iterator<Item = String> {
    (0..count).map(move |number| filled(1 + (u64::from(number) * u64::from(size) / u64::from(count)) as u32))
}

pub(crate) async fn growth(bench: &Bench) -> Result<Vec<Table>, Failure> {
    let mut tables = Vec::new();
    let mut databases = Vec::new();
    for size in bench.options.sizes() {
        let contender = Contender::start(Kind::Plain, &bench.programs, Database::sqlite(&bench.options.out)?).await?;
        let database = contender.stop()?;
        println!("growth: making {size} users");
        database.fill(size).await?;
        databases.push((size, database));
    }
    for what in ["me", "login", "register", "list"] {
        let mut ready = Vec::new();
        for (size, database) in databases.drain(..) {
            let contender = Contender::start_over(Kind::Plain, &bench.programs, database)?;
            let scripts = match what {
                "me" => {
                    let credentials = contender.log_in(spread(size, READERS)).await?;
                    credentials.iter().map(|one| one.get("/users/me")).collect::<Result<_, _>>()?
                }
                "login" => spread(size, LOGINS).map(|email| Script::Repeat(Box::new(login("jwt", &email)))).collect(),
                "register" => vec![Script::Register(Arc::new(AtomicU64::new(0))); LOGINS as usize],
                _ => pages(&contender, size).await?,
            };
            ready.push((size, Ready::new(contender.named(format!("{size} users")), scripts)));
        }
        let sizes: Vec<u32> = ready.iter().map(|(size, _)| *size).collect();
        let ready = ready.into_iter().map(|(_, ready)| ready).collect();
        let (table, given_back) = in_turns(bench, bench.options.rounds, format!("{what}, growing"), ready).await?;
        tables.push(table);
        databases = sizes.into_iter().zip(given_back).collect();
    }
    for (_, database) in databases {
        database.remove().await?;
    }
    Ok(tables)
}

/// Pages of a hundred from places all over the table, for the superuser.
async fn pages(contender: &Contender, size: u32) -> Result<Vec<Script>, Failure> {
    let superuser = contender.log_in(std::iter::once(crate::contender::email(0))).await?;
    let superuser = superuser.first().ok_or("the superuser is logged in")?;
    let place = |number: u32| u64::from(number) * u64::from(size) / u64::from(READERS);
    (0..READERS).map(|number| superuser.get(&format!("/users?limit=100&cursor={}", cursor(place(number))))).collect()
}

/// An id in the order of those that [`Database::fill`] makes, just before that of the n-th user.
fn cursor(number: u64) -> String {
    format!("{:08x}-{:04x}-7000-8000-000000000000", 26_000_000 + number / 65_536, number % 65_536)
}

//! The reference server, and the PostgreSQL under it, killed again and again while they are being used: what was acknowledged is there,
//! and every mail comes.

use std::{
    process::Command,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use usermgr_tests::{Cluster, Database, DatabaseServer, Folder, Server, command};

use crate::load::{Acknowledged, Load};

/// How often a server is killed.
const KILLS: usize = 4;

async fn killed_again_and_again(database: Option<Database>) {
    let folder = Arc::new(Folder::over(database));
    let (next, mut all) = (Arc::default(), Acknowledged::default());
    for round in 0..KILLS {
        // At first the mail service is not available, so that everything is still pending at the kill.
        let flags: &[&str] = if round == 0 { &["--mail-file", "/dev/full"] } else { &[] };
        let server = Server::start_in(folder.clone(), flags);
        let load = Load::on(&server, &next);
        tokio::time::sleep(Duration::from_millis(700 + 130 * round as u64)).await;
        // SIGKILL, in the middle of it all.
        drop(server);
        load.end(&mut all).await;
    }
    let server = Server::start_in(folder.clone(), &[]);
    all.all_there(&folder, &server, command(&folder), KILLS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_sqlite() {
    killed_again_and_again(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_postgres() {
    if let Some(database) = DatabaseServer::Postgres.database() {
        killed_again_and_again(Some(database)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x6_a_server_that_is_killed_under_load_loses_no_mail_over_mariadb() {
    if let Some(database) = DatabaseServer::MariaDb.database() {
        killed_again_and_again(Some(database)).await;
    }
}

/// The server stays, and answers again when its database does.
#[tokio::test(flavor = "multi_thread")]
async fn x6_a_postgres_that_is_killed_under_load_loses_no_change_and_no_mail() {
    let folder = Arc::new(Folder::over(None));
    let Some(mut postgres) = Cluster::start(folder.file("postgres")) else { return };
    let over_it = |mut command: Command| {
        command.env("USERMGR_DATABASE_URL", postgres.url());
        command
    };
    let server = Server::spawn(folder.clone(), over_it(command(&folder)));
    let list = over_it(command(&folder));
    let (next, mut all) = (Arc::new(AtomicUsize::default()), Acknowledged::default());
    let load = Load::on(&server, &next);
    for round in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(900 + 130 * round as u64)).await;
        postgres.kill();
        tokio::time::sleep(Duration::from_millis(200)).await;
        postgres.restart();
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
    load.end(&mut all).await;
    all.all_there(&folder, &server, list, KILLS).await;
    drop(server);
    drop(postgres);
}

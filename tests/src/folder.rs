//! A separate folder for each test, with a database, which is deleted after the test.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{Database, Target, redis};

/// An empty folder for one test, and an empty database: a SQLite file in it, or one on a server.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    target: Target,
    database: Option<Database>,
}

impl Folder {
    /// Makes one for the [target of the suite](Target::of_suite).
    ///
    /// # Panics
    /// When the folder for temporary files cannot be written, or what the target needs is not there.
    #[expect(clippy::new_without_default, reason = "it makes something on the disk")]
    pub fn new() -> Self {
        Self::on(Target::of_suite()).expect("the servers of the target are there")
    }

    /// Makes one for a target, or notes that the tests on it are skipped, because this machine lacks what it needs.
    ///
    /// # Panics
    /// When the folder for temporary files cannot be written.
    pub fn on(target: Target) -> Option<Self> {
        if target.redis {
            redis("the tests with sessions in Redis")?;
        }
        let database = match target.database {
            Some(server) => Some(server.database()?),
            None => None,
        };
        Some(Self::with(target, database))
    }

    /// Makes one over a database on a server, or over a SQLite file.
    ///
    /// # Panics
    /// When the folder for temporary files cannot be written.
    pub fn over(database: Option<Database>) -> Self {
        Self::with(Target { database: database.as_ref().map(Database::server), ..Target::of_suite() }, database)
    }

    fn with(target: Target, database: Option<Database>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("usermgr-tests-{}-{number}", process::id()));
        // A process that died may have left one of this name behind.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder can be made");
        Self { path, target, database }
    }

    /// What its servers run on.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The URL of its database.
    pub fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite://{}", self.file("users.db").display()),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

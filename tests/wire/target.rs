//! What a row runs on: a database, a framework, and where sessions are.

use usermgr_tests::DatabaseServer;

/// One combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) database: Database,
    pub(crate) framework: Framework,
    /// Sessions are in Redis.
    pub(crate) redis: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    MariaDb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

/// The default of everything.
pub(crate) const SQLITE: Target = Target { database: Database::Sqlite, framework: Framework::Axum, redis: false };
pub(crate) const SQLITE_ACTIX: Target = Target { framework: Framework::Actix, ..SQLITE };
pub(crate) const POSTGRES: Target = Target { database: Database::Postgres, ..SQLITE };
pub(crate) const MARIADB: Target = Target { database: Database::MariaDb, ..SQLITE };
pub(crate) const SQLITE_REDIS: Target = Target { redis: true, ..SQLITE };
pub(crate) const POSTGRES_REDIS: Target = Target { redis: true, ..POSTGRES };

/// This machine has not what a target needs.
pub(crate) struct Skipped;

impl Target {
    /// An empty database that nobody else uses, or none, which makes a SQLite file.
    pub(crate) fn database(self) -> Result<Option<usermgr_tests::Database>, Skipped> {
        let server = match self.database {
            Database::Sqlite => return Ok(None),
            Database::Postgres => DatabaseServer::Postgres,
            Database::MariaDb => DatabaseServer::MariaDb,
        };
        server.database().map(Some).ok_or(Skipped)
    }

    /// The flags that make the reference server this target.
    pub(crate) fn flags(self) -> Result<Vec<String>, Skipped> {
        let mut flags = Vec::new();
        if self.framework == Framework::Actix {
            flags.extend(["--framework".into(), "actix".into()]);
        }
        if self.redis {
            flags.extend(["--redis-url".into(), redis()?]);
        }
        Ok(flags)
    }
}

/// The URL of the Redis server, or a note that there is none.
pub(crate) fn redis() -> Result<String, Skipped> {
    usermgr_tests::redis("the wire over Redis").ok_or(Skipped)
}

//! Targets: what a server runs on. There is one table, and a suite takes one line of it or all.

use crate::DatabaseServer;

/// The two web frameworks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framework {
    /// axum.
    Axum,
    /// actix-web.
    Actix,
}

/// A framework, a database, the place of the sessions, and whether principals are kept for a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// What serves.
    pub framework: Framework,
    /// The server of the database; without one it is a SQLite file.
    pub database: Option<DatabaseServer>,
    /// Sessions are in Redis, and not beside the accounts.
    pub redis: bool,
    /// The server has its cache of principals.
    pub cache: bool,
    /// Another server works beside it in the same database, under a prefix of its own.
    pub beside: bool,
}

impl Target {
    /// The default of everything.
    pub const SQLITE: Self =
        Self { framework: Framework::Axum, database: None, redis: false, cache: false, beside: false };
    /// actix-web.
    pub const ACTIX: Self = Self { framework: Framework::Actix, ..Self::SQLITE };
    /// PostgreSQL.
    pub const POSTGRES: Self = Self { database: Some(DatabaseServer::Postgres), ..Self::SQLITE };
    /// MariaDB.
    pub const MARIADB: Self = Self { database: Some(DatabaseServer::MariaDb), ..Self::SQLITE };
    /// Sessions in Redis.
    pub const REDIS: Self = Self { redis: true, ..Self::SQLITE };
    /// Accounts in PostgreSQL and sessions in Redis.
    pub const POSTGRES_REDIS: Self = Self { redis: true, ..Self::POSTGRES };
    /// The cache of principals.
    pub const CACHE: Self = Self { cache: true, ..Self::SQLITE };
    /// A second kind of user in the file.
    pub const BESIDE: Self = Self { beside: true, ..Self::SQLITE };
    /// A second kind of user in PostgreSQL.
    pub const POSTGRES_BESIDE: Self = Self { beside: true, ..Self::POSTGRES };
    /// A second kind of user in MariaDB.
    pub const MARIADB_BESIDE: Self = Self { beside: true, ..Self::MARIADB };

    /// All of them, by name.
    pub const ALL: [(&str, Self); 10] = [
        ("sqlite", Self::SQLITE),
        ("actix", Self::ACTIX),
        ("postgres", Self::POSTGRES),
        ("mariadb", Self::MARIADB),
        ("redis", Self::REDIS),
        ("postgres_redis", Self::POSTGRES_REDIS),
        ("cache", Self::CACHE),
        ("beside", Self::BESIDE),
        ("postgres_beside", Self::POSTGRES_BESIDE),
        ("mariadb_beside", Self::MARIADB_BESIDE),
    ];

    /// The one that `USERMGR_TEST_TARGET` names, for suites that `tests/run` runs once for each target; SQLite if it is not set.
    ///
    /// # Panics
    /// When it names none.
    pub fn of_suite() -> Self {
        let Ok(name) = std::env::var("USERMGR_TEST_TARGET") else { return Self::SQLITE };
        let known = Self::ALL.iter().find(|(known, _)| *known == name);
        known
            .unwrap_or_else(|| {
                panic!("USERMGR_TEST_TARGET is `{name}`: use one of {:?}", Self::ALL.map(|(name, _)| name))
            })
            .1
    }
}

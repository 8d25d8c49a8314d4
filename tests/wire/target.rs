//! What a row runs on: a database, a framework, and where sessions are.

use std::env;

use usermgr_tests::skip;

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

/// The default of everything.
pub(crate) const SQLITE: Target = Target { database: Database::Sqlite, framework: Framework::Axum, redis: false };
pub(crate) const SQLITE_ACTIX: Target = Target { framework: Framework::Actix, ..SQLITE };

impl Target {
    /// The flags that make the reference server this target, over a database that nobody has used; `None`, and a note, where this
    /// machine lacks the server it needs.
    pub(crate) fn flags(self) -> Option<Vec<String>> {
        let mut flags = match self.database {
            Database::Sqlite => Vec::new(),
        };
        match self.framework {
            Framework::Axum => {}
            Framework::Actix => flags.extend(["--framework".into(), "actix".into()]),
        }
        if self.redis {
            flags.extend(["--redis-url".into(), address_of("USERMGR_TEST_REDIS")?]);
        }
        Some(flags)
    }
}

/// The address of a server that tests may use, or a note that there is none.
fn address_of(variable: &str) -> Option<String> {
    let address = env::var(variable).ok();
    if address.is_none() {
        skip(&format!("wire: {variable} is not set"));
    }
    address
}

//! The store in a MariaDB or MySQL database: its type, its settings, its statements.

use std::{fmt, marker::PhantomData};

use jiff::Timestamp;
use sqlx::{
    Executor as _, MySql, MySqlConnection, Pool, Row as _, migrate::Migrate, mysql::MySqlConnectOptions,
    pool::PoolOptions, query_scalar,
};
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    body::sql_store,
    counters::sql_counters,
    error::{SqlError, failed, is_given_up, open, orphaned, refused, sought},
    id::{Kind, SqlId, Value},
    import::sql_import,
    migrate::{self, Migrations},
    row::{Account, StoredAccount, StoredSession},
    server::{PATIENCE, server_store},
    text::statements,
};
use crate::{
    CounterKey, Directory, Hit, Limit, ListQuery, Listed, Lookup, Rotation, Session, SessionDigest, SessionFilter,
    SessionId, SessionLookup, SessionStore, StoreError, UserStore,
    attempts::Attempts,
    limit::{self, Counter, SharedCounters},
    user::{NewRecord, NoProfile, Profile, Record, Stamp, StoredProfile},
};

/// Changed only by adding: what has been published stands in databases with its checksum.
const MIGRATIONS: Migrations = Migrations {
    texts: &[
        include_str!("migrations/mysql/0001.sql"),
        include_str!("migrations/mysql/0002.sql"),
        include_str!("migrations/mysql/0003.sql"),
        include_str!("migrations/mysql/0004.sql"),
    ],
    columns,
};

server_store!(
    /// A store in a MariaDB database, from version 10.2 on, or a MySQL database, from version 8.0 on.
    ///
    /// The id type `I` is [`Uuid`], `i64` or `String`, in the database `CHAR(36)`, `BIGINT` or `VARCHAR(255)`; a database keeps to the one
    /// it was made with. The profile is one column of JSON. All tables are prefixed `usermgr_`, made by [`connect`](Self::connect) or
    /// [`with_pool`](Self::with_pool), and compare texts byte by byte, whatever the collation of the database.
    ///
    /// Transactions are `READ COMMITTED`. What has waited for 5 seconds for a row, and what ends in a deadlock, is decided anew.
    ///
    /// ```no_run
    /// use usermgr::MysqlStore;
    ///
    /// # async fn example() -> Result<(), usermgr::StoreError> {
    /// let store: MysqlStore = MysqlStore::connect("mysql://shop:password@db.example.com/shop?ssl-mode=VERIFY_IDENTITY").await?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `ssl-mode` needs the feature `tls`; the guide's page on [stores](crate::guide::stores) says more.
    MysqlStore,
    database: MySql,
    options: MySqlConnectOptions,
    schemes: ["mysql://", "mariadb://"],
    session: "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 5",
    prepare: prepare,
);

/// A lock's name has 64 characters at most, as this one does whatever the database is called.
const LOCK: &str = "SELECT GET_LOCK(CONCAT('usermgr ', SHA2(DATABASE(), 224)), 60)";

/// Waits for whoever is migrating this database, by a lock of the server's: that of sqlx waits for a negative time, which MariaDB takes
/// for none. Then a migration that was cut short is forgotten, to be done once more: it cannot be taken back here, and does no harm when
/// it is repeated.
async fn prepare(connection: &mut MySqlConnection) -> Result<(), StoreError> {
    let locked: Option<i64> = query_scalar(LOCK).fetch_one(&mut *connection).await.map_err(failed)?;
    if locked != Some(1) {
        return Err(StoreError::backend("others have been migrating the database for a minute"));
    }
    connection.ensure_migrations_table(migrate::TABLE).await.map_err(StoreError::backend)?;
    connection.execute("DELETE FROM usermgr_migrations WHERE NOT success").await.map_err(failed)?;
    Ok(())
}

/// How the id of a user is declared, and columns that refer to it.
const fn columns(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Uuid => ("CHAR(36)", "CHAR(36)"),
        Kind::Number => ("BIGINT AUTO_INCREMENT", "BIGINT"),
        Kind::Text => ("VARCHAR(255)", "VARCHAR(255)"),
    }
}

async fn insert_numbered(insert: Query<'_>, connection: &mut MySqlConnection) -> Result<i64, sqlx::Error> {
    Ok(insert.execute(connection).await?.last_insert_id().cast_signed())
}

sql_store!(
    MysqlStore, database: MySql,
    // A caller who went away while this was under way may have left a transaction open.
    begin: "ROLLBACK; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    ready: ready, uuid: Hyphenated, text: text, insert_numbered: insert_numbered,
);
sql_import!(MysqlStore, text: text, after_number: after_number);
sql_counters!(MysqlStore, text: text);
#[cfg(feature = "outbox")]
super::outbox::sql_outbox!(MysqlStore, uuid: Hyphenated, text: text);

/// A statement that failed is undone alone, but for a deadlock.
async fn ready(_: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    Ok(())
}

/// `AUTO_INCREMENT` counts from the largest number that was written.
async fn after_number(_: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    Ok(())
}

statements!(
    values: ["?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?" "?"],
    // A column may hold any small number. One that is no truth value must not count as another flag.
    flags: "(u.is_active = TRUE) + 2 * (u.is_superuser = TRUE) + 4 * (u.is_verified = TRUE)",
    profile: ("?", "u.profile"),
    numbered: "",
    // In the order of a deletion. The foreign key looks for the user when his session is written already, and a login beside a deletion
    // would end in a deadlock.
    hold_user: " LOCK IN SHARE MODE",
    lock_user: " FOR UPDATE",
    // A row that is there is an error of the statement alone. `IGNORE` would pass over other errors too.
    unless_there: "",
    // By the index, so that no other row is locked. Who had to wait sees the rows as they are by then.
    lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users FORCE INDEX (usermgr_users_superusers) \
         WHERE is_superuser = TRUE AND is_active = TRUE FOR UPDATE",
);

#[cfg(test)]
mod tests {
    /// Functions and words that MariaDB knows and a MySQL of today does not.
    const GONE: [&str; 9] =
        ["MD5(", "SHA1(", "SHA(", "PASSWORD(", "ENCRYPT(", "DECODE(", "ENCODE(", "SQL_CACHE", "RETURNING"];

    #[test]
    fn no_statement_asks_for_what_mysql_has_taken_out() {
        let texts = [
            super::LOCK,
            super::text::LOCK_AND_COUNT_SUPERUSERS,
            super::text::INSERT_SESSION,
            super::text::INSERT_NUMBERED,
        ];
        for text in super::MIGRATIONS.texts.iter().copied().chain(texts) {
            for word in GONE {
                assert!(!text.to_uppercase().contains(word), "{word} in {text}");
            }
        }
    }
}

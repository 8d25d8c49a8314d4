//! The differences of MariaDB and MySQL.

use sqlx::{
    Executor as _, MySql, MySqlConnection,
    mysql::{MySqlArguments, MySqlConnectOptions, MySqlQueryResult},
    query::Query,
    query_scalar,
};
use uuid::Uuid;

use super::{
    dialect::{Migration, Own, Words},
    error::{SqlError, failed},
    server::Server,
    statements::with_question_marks,
    store::SqlStore,
    value::Kind,
};
use crate::{StoreError, user::NoProfile};

/// A store in a MariaDB database (version 10.2 or later) or a MySQL database (version 8.0 or later).
///
/// The id type `I` is [`Uuid`], `i64` or `String`. The database has it as `BINARY(16)`, `BIGINT` or `VARCHAR(255)`, and
/// keeps the type with which it was created. The profile is one JSON column.
///
/// [`connect`](SqlStore::connect) or [`with_pool`](SqlStore::with_pool) creates the tables. Their names begin with
/// `usermgr_`, unless [`SqlOptions`](crate::sql::SqlOptions) set another prefix. They compare texts byte by byte,
/// whatever the collation of the database.
///
/// Transactions are `READ COMMITTED`. A change that has waited 5 seconds for a row, or that ends in a deadlock, is read
/// and decided again.
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
/// `ssl-mode` needs the feature `tls`. The guide's page on [stores](crate::guide::stores) describes it.
pub type MysqlStore<P = NoProfile, I = Uuid> = SqlStore<MySql, P, I>;

/// The name of a lock has at most 64 characters. This one fits for every database name.
const LOCK: &str = "SELECT GET_LOCK(CONCAT('usermgr ', SHA2(DATABASE(), 224)), 60)";

/// A migration takes as long as it needs. Only MariaDB reads the first comment, only MySQL the second.
const UNLIMITED: &str = "SET SESSION /*M! max_statement_time = 0 *//*!50708 max_execution_time = 0 */";

impl Own for MySql {
    const STORE: &'static str = "MysqlStore";
    // A caller that was canceled during this may have left a transaction open.
    const BEGIN: &'static str = "ROLLBACK; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";
    const WORDS: Words = Words {
        // A column may hold any small number. A number that is not a truth value must not count as another flag.
        flags: "(u.is_active = TRUE) + 2 * (u.is_superuser = TRUE) + 4 * (u.is_verified = TRUE)",
        json: "",
        as_text: "",
        numbered: "",
        // It locks in the same order as a deletion. The foreign key looks for the user only after the session is
        // written, so a login beside a deletion would end in a deadlock.
        hold_user: " LOCK IN SHARE MODE",
        lock_user: " FOR UPDATE",
        // An existing row fails only this statement. `IGNORE` would hide other errors too.
        unless_there: "",
        // It is written again if it was deleted.
        guard_superusers: Some(
            "INSERT INTO usermgr_guards (name, turn) VALUES ('superusers', 1) ON DUPLICATE KEY UPDATE turn = turn + 1",
        ),
        // It uses the index, so that no other row is locked. A transaction that had to wait sees the rows as they are
        // after the wait.
        lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users FORCE INDEX (usermgr_users_superusers) \
             WHERE is_superuser = TRUE AND is_active = TRUE FOR UPDATE",
        // Only the failed statement is rolled back, except after a deadlock.
        ready: None,
        // `AUTO_INCREMENT` continues from the largest number that was written.
        after_number: None,
    };
    const MIGRATIONS: &'static [Migration] =
        &[Migration { text: include_str!("migrations/mysql/0001.sql"), oldest: 1 }];
    const COLUMNS_OF: &'static str = "SELECT CAST(COLUMN_NAME AS CHAR) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = $1";
    const LOCK_IS_THE_SESSIONS: bool = true;
    // sqlx does not know that the answer to a preparation is due.
    const SKIPS_ANSWERS: bool = false;

    fn columns(kind: Kind) -> (&'static str, &'static str) {
        match kind {
            Kind::Uuid => ("BINARY(16)", "BINARY(16)"),
            Kind::Number => ("BIGINT AUTO_INCREMENT", "BIGINT"),
            Kind::Text => ("VARCHAR(255)", "VARCHAR(255)"),
        }
    }

    fn marked(text: &str) -> String {
        with_question_marks(text)
    }

    async fn insert_numbered<'a>(
        connection: &'a mut MySqlConnection,
        insertion: Query<'a, Self, MySqlArguments>,
    ) -> Result<i64, sqlx::Error> {
        Ok(insertion.execute(connection).await?.last_insert_id().cast_signed())
    }

    /// Takes a lock of the server, because each statement that creates a table commits. An interrupted migration is not
    /// recorded, and is repeated.
    async fn lock_migrations(connection: &mut MySqlConnection) -> Result<(), StoreError> {
        connection.execute(UNLIMITED).await.map_err(failed)?;
        let locked: Option<i64> = query_scalar(LOCK).fetch_one(connection).await.map_err(failed)?;
        if locked == Some(1) { Ok(()) } else { Err(SqlError::OthersMigrate.into()) }
    }

    fn rows(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }
}

impl Server for MySql {
    const SCHEMES: [&'static str; 2] = ["mysql://", "mariadb://"];
    const PARAMETERS: &'static [&'static str] = &[
        "ssl-mode",
        "sslmode",
        "ssl-ca",
        "sslca",
        "ssl-cert",
        "sslcert",
        "ssl-key",
        "sslkey",
        "charset",
        "collation",
        "socket",
        "statement-cache-capacity",
        "time-zone",
        "timezone",
    ];

    /// MariaDB limits every statement, and MySQL those that only read.
    fn session(limit: u128) -> Option<String> {
        let seconds = limit as f64 / 1000.0;
        Some(format!(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 5\
             /*M!, max_statement_time = {seconds} *//*!50708 , max_execution_time = {limit} */"
        ))
    }

    fn place(options: &MySqlConnectOptions) -> (Option<&str>, &str, u16) {
        (options.get_database(), options.get_host(), options.get_port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statements::tests::texts;

    /// Functions and words that MariaDB has and current versions of MySQL do not.
    const GONE: [&str; 9] =
        ["MD5(", "SHA1(", "SHA(", "PASSWORD(", "ENCRYPT(", "DECODE(", "ENCODE(", "SQL_CACHE", "RETURNING"];

    #[test]
    fn no_statement_asks_for_what_mysql_has_taken_out() {
        let migrations = MySql::MIGRATIONS.iter().map(|migration| migration.text.to_owned());
        for text in texts::<MySql>().into_iter().chain(migrations).chain([LOCK.to_owned()]) {
            for word in GONE {
                assert!(!text.to_uppercase().contains(word), "{word} in {text}");
            }
        }
    }
}

//! What MariaDB and MySQL do in their own way.

use sqlx::{
    MySql, MySqlConnection,
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

/// A store in a MariaDB database, from version 10.2 on, or a MySQL database, from version 8.0 on.
///
/// The id type `I` is [`Uuid`], `i64` or `String`, in the database `BINARY(16)`, `BIGINT` or `VARCHAR(255)`; a database keeps to the one it
/// was made with. The profile is one column of JSON. All tables are prefixed `usermgr_`, unless [`SqlOptions`](crate::sql::SqlOptions) say
/// otherwise, made by [`connect`](SqlStore::connect) or [`with_pool`](SqlStore::with_pool), and compare texts byte by byte, whatever the
/// collation of the database.
///
/// Transactions are `READ COMMITTED`. A change that has waited for 5 seconds for a row, or that ends in a deadlock, is decided anew.
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
pub type MysqlStore<P = NoProfile, I = Uuid> = SqlStore<MySql, P, I>;

/// A lock's name has 64 characters at most, as this one does whatever the database is called.
const LOCK: &str = "SELECT GET_LOCK(CONCAT('usermgr ', SHA2(DATABASE(), 224)), 60)";

impl Own for MySql {
    const STORE: &'static str = "MysqlStore";
    // A caller who went away while this was under way may have left a transaction open.
    const BEGIN: &'static str = "ROLLBACK; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";
    const WORDS: Words = Words {
        // A column may hold any small number. One that is no truth value must not count as another flag.
        flags: "(u.is_active = TRUE) + 2 * (u.is_superuser = TRUE) + 4 * (u.is_verified = TRUE)",
        json: "",
        as_text: "",
        numbered: "",
        // In the order of a deletion. The foreign key looks for the user when the session is written already, and a login beside a deletion
        // would end in a deadlock.
        hold_user: " LOCK IN SHARE MODE",
        lock_user: " FOR UPDATE",
        // A row that is there is an error of the statement alone. `IGNORE` would pass over other errors too.
        unless_there: "",
        // By the index, so that no other row is locked. A transaction that had to wait sees the rows as they are by then.
        lock_and_count_superusers: "SELECT COUNT(*) FROM usermgr_users FORCE INDEX (usermgr_users_superusers) \
             WHERE is_superuser = TRUE AND is_active = TRUE FOR UPDATE",
        // A statement that failed is undone alone, but for a deadlock.
        ready: None,
        // `AUTO_INCREMENT` counts from the largest number that was written.
        after_number: None,
    };
    const MIGRATIONS: &'static [Migration] =
        &[Migration { text: include_str!("migrations/mysql/0001.sql"), oldest: 1 }];
    const COLUMNS_OF: &'static str = "SELECT CAST(COLUMN_NAME AS CHAR) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = $1";
    const LOCK_IS_THE_SESSIONS: bool = true;

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

    /// A lock of the server's, since each statement that makes a table commits. A migration that was cut short is not noted, and is repeated.
    async fn lock_migrations(connection: &mut MySqlConnection) -> Result<(), StoreError> {
        let locked: Option<i64> = query_scalar(LOCK).fetch_one(connection).await.map_err(failed)?;
        if locked == Some(1) { Ok(()) } else { Err(SqlError::OthersMigrate.into()) }
    }

    fn rows(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }
}

impl Server for MySql {
    const SCHEMES: [&'static str; 2] = ["mysql://", "mariadb://"];
    const SESSION: &'static str =
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 5";

    fn place(options: &MySqlConnectOptions) -> (Option<&str>, &str, u16) {
        (options.get_database(), options.get_host(), options.get_port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statements::tests::texts;

    /// Functions and words that MariaDB knows and a MySQL of today does not.
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

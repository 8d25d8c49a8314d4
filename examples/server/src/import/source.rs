//! The other database: which tables it has, and its accounts page by page in the order of their ids. It is only read.

use std::{collections::HashMap, error::Error};

use jiff::Timestamp;
use sqlx::{AnyPool, AssertSqlSafe, Row as _, any::AnyRow};
use usermgr::{OAuthIdentity, Stamp};

use super::account::{fresh_stamp, time};

/// How many accounts are read, and written, at once.
const PAGE: usize = 500;

/// An account as it was read.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) hash: Option<String>,
    pub(super) is_active: bool,
    pub(super) is_superuser: bool,
    pub(super) is_verified: bool,
    pub(super) created_at: Timestamp,
    pub(super) stamp: Stamp,
    pub(super) identities: Vec<OAuthIdentity>,
    /// Whether it comes from a table of this library.
    pub(super) ours: bool,
}

/// What a table is called, and what its columns are.
struct Layout {
    name: &'static str,
    users: &'static str,
    hash: &'static str,
    /// The columns that FastAPI Users does not have.
    own: bool,
    links: &'static str,
    /// Provider, subject and address.
    link: [&'static str; 3],
}

const FASTAPI_USERS: Layout = Layout {
    name: "FastAPI Users",
    users: "user",
    hash: "hashed_password",
    own: false,
    links: "oauth_account",
    link: ["oauth_name", "account_id", "account_email"],
};

const USERMGR: Layout = Layout {
    name: "usermgr",
    users: "usermgr_users",
    hash: "password_hash",
    own: true,
    links: "usermgr_oauth_accounts",
    link: ["provider", "subject", "email"],
};

#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Sqlite,
    Postgres,
}

pub(super) struct Source {
    pool: AnyPool,
    dialect: Dialect,
    layout: &'static Layout,
    has_links: bool,
    /// How a bound id becomes one of the column's type.
    cast: [&'static str; 2],
    after: Option<String>,
}

impl Source {
    /// # Errors
    /// The URL is of another kind, nothing can be read there, it has the tables of neither, or its ids are numbers.
    pub(super) async fn open(url: &str) -> Result<Self, Box<dyn Error>> {
        sqlx::any::install_default_drivers();
        let (dialect, url) = address(url)?;
        let pool =
            AnyPool::connect(&url).await.map_err(|error| format!("the other database cannot be opened: {error}"))?;
        for layout in [&FASTAPI_USERS, &USERMGR] {
            let Some(id_type) = column_type(&pool, dialect, layout.users, "id").await? else { continue };
            if id_type.contains("int") {
                let table = layout.users;
                return Err(
                    format!("the ids of the table `{table}` are numbers; those of this server are UUIDs").into()
                );
            }
            let has_links = column_type(&pool, dialect, layout.links, "user_id").await?.is_some();
            let cast = if id_type == "uuid" { ["CAST(CAST(", " AS TEXT) AS uuid)"] } else { ["", ""] };
            return Ok(Self { pool, dialect, layout, has_links, cast, after: None });
        }
        Err("the other database has neither a table `user` of FastAPI Users nor one of usermgr".into())
    }

    pub(super) fn describe(&self) -> String {
        format!("the tables of {}", self.layout.name)
    }

    /// Whether there are tokens of other providers, which stay where they are.
    pub(super) fn has_tokens(&self) -> bool {
        self.has_links && !self.layout.own
    }

    /// The next accounts, `None` after the last.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<Row>>, Box<dyn Error>> {
        let text = self.users_text();
        let query = sqlx::query(AssertSqlSafe(text));
        let query = match &self.after {
            Some(after) => query.bind(after.clone()),
            None => query,
        };
        let rows = query.fetch_all(&self.pool).await?;
        let ids = rows.iter().map(|row| row.try_get("id")).collect::<Result<Vec<String>, _>>()?;
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(None) };
        let mut links = self.links(first, last).await?;
        self.after = Some(last.clone());
        let page = rows.iter().zip(ids).map(|(row, id)| self.read(row, links.remove(&id).unwrap_or_default(), id));
        page.collect::<Result<Vec<_>, _>>().map(Some)
    }

    fn users_text(&self) -> String {
        let Layout { users, hash, own, .. } = self.layout;
        let flag = |name: &str| format!("CASE WHEN {name} THEN 1 ELSE 0 END AS {name}");
        let flags = ["is_active", "is_superuser", "is_verified"].map(flag).join(", ");
        let own = match (own, self.dialect) {
            (false, _) => "",
            (true, Dialect::Sqlite) => ", created_at, lower(hex(stamp)) AS stamp",
            (true, Dialect::Postgres) => ", created_at, encode(stamp, 'hex') AS stamp",
        };
        let [before, behind] = self.cast;
        let after = if self.after.is_some() { format!("WHERE id > {before}$1{behind} ") } else { String::new() };
        format!(
            "SELECT CAST(id AS TEXT) AS id, CAST(email AS TEXT) AS email, CAST({hash} AS TEXT) AS hash, {flags}{own} FROM \"{users}\" u \
             {after}ORDER BY u.id LIMIT {PAGE}"
        )
    }

    /// The identities of the users from one id to another.
    async fn links(&self, first: &str, last: &str) -> Result<HashMap<String, Vec<OAuthIdentity>>, Box<dyn Error>> {
        let mut links: HashMap<String, Vec<_>> = HashMap::new();
        if !self.has_links {
            return Ok(links);
        }
        let ([provider, subject, email], [before, behind]) = (self.layout.link, self.cast);
        let text = format!(
            "SELECT CAST(user_id AS TEXT) AS user_id, CAST({provider} AS TEXT) AS provider, CAST({subject} AS TEXT) AS subject, \
             CAST({email} AS TEXT) AS email FROM {} \
             WHERE user_id >= {before}$1{behind} AND user_id <= {before}$2{behind} ORDER BY provider, subject",
            self.layout.links
        );
        for row in sqlx::query(AssertSqlSafe(text)).bind(first).bind(last).fetch_all(&self.pool).await? {
            let identity = OAuthIdentity {
                provider: row.try_get("provider")?,
                subject: row.try_get("subject")?,
                email: row.try_get("email")?,
            };
            links.entry(row.try_get("user_id")?).or_default().push(identity);
        }
        Ok(links)
    }

    fn read(&self, row: &AnyRow, identities: Vec<OAuthIdentity>, id: String) -> Result<Row, Box<dyn Error>> {
        let own = self.layout.own;
        let flag = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<i32, _>(name)? != 0);
        let stored = |what| format!("the {what} of the user {id} cannot be read");
        let (created_at, stamp) = if own {
            let created_at = time(row.try_get("created_at")?).ok_or_else(|| stored("time of creation"))?;
            let bytes = u128::from_str_radix(row.try_get("stamp")?, 16).map_err(|_| stored("stamp"))?;
            (created_at, Stamp::from_bytes(bytes.to_be_bytes()))
        } else {
            (Timestamp::now(), fresh_stamp()?)
        };
        let (email, hash) = (row.try_get("email")?, row.try_get("hash")?);
        let (is_active, is_superuser, is_verified) = (flag("is_active")?, flag("is_superuser")?, flag("is_verified")?);
        Ok(Row { id, email, hash, is_active, is_superuser, is_verified, created_at, stamp, identities, ours: own })
    }
}

/// The type of a column in small letters; `None` when there is no such table.
async fn column_type(
    pool: &AnyPool,
    dialect: Dialect,
    table: &str,
    column: &str,
) -> Result<Option<String>, sqlx::Error> {
    let text = match dialect {
        Dialect::Sqlite => "SELECT lower(type) FROM pragma_table_info($1) WHERE name = $2",
        Dialect::Postgres => {
            "SELECT lower(format_type(atttypid, atttypmod)) FROM pg_attribute \
             WHERE attrelid = to_regclass(quote_ident($1)) AND attname = $2"
        }
    };
    sqlx::query_scalar(text).bind(table).bind(column).fetch_optional(pool).await
}

/// The URL as sqlx reads it, from ours or one of SQLAlchemy's.
fn address(url: &str) -> Result<(Dialect, String), String> {
    let (scheme, rest) = url.split_once("://").ok_or("the other database needs a URL, as in `sqlite://FILE`")?;
    let (database, driver) = scheme.split_once('+').map_or((scheme, false), |(database, _)| (database, true));
    match database {
        "sqlite" => {
            // SQLAlchemy has an empty host before the path.
            let file = if driver { rest.strip_prefix('/').unwrap_or(rest) } else { rest };
            if !std::path::Path::new(file).is_file() {
                return Err(format!("there is no file {file}"));
            }
            let file = file.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            Ok((Dialect::Sqlite, format!("sqlite://{file}?mode=ro")))
        }
        "postgres" | "postgresql" => Ok((Dialect::Postgres, format!("postgres://{rest}"))),
        _ => Err("users can be imported from SQLite and PostgreSQL".into()),
    }
}

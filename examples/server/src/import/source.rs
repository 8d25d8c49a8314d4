//! The other database: which tables it has, and its accounts page by page in the order of their ids, with their credentials. It is only
//! read.

use std::{collections::HashMap, error::Error};

use jiff::Timestamp;
use sqlx::{AnyPool, AssertSqlSafe, Row as _, any::AnyRow};
use usermgr::{store::Credential, user::Stamp};
use uuid::Uuid;

use super::{
    account::fresh_stamp,
    credential::{Form, ended_tokens},
    table::{Dialect, Table},
    value::{creation, flag, microseconds},
};

/// How many accounts are read, and written, at once.
const PAGE: usize = 500;

/// An account as it was read.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) username: Option<String>,
    pub(super) hash: Option<String>,
    /// Active, superuser, verified; the name of the column that says neither yes nor no.
    pub(super) flags: Result<[bool; 3], &'static str>,
    /// `None` if it is missing or cannot be read.
    pub(super) created_at: Option<Timestamp>,
    /// Whether there is a time of creation that cannot be read.
    pub(super) lost_creation: bool,
    pub(super) stamp: Stamp,
    pub(super) credentials: Vec<Credential<Uuid>>,
    /// Whether it comes from a table of this library.
    pub(super) ours: bool,
}

/// The default name of a table, and its columns.
struct Layout {
    name: &'static str,
    users: &'static str,
    hash: &'static str,
    /// The columns that FastAPI Users does not have.
    own: bool,
    links: &'static [Links],
}

/// Where the credentials besides the password are kept.
struct Links {
    table: &'static str,
    form: Form,
}

impl Links {
    /// The columns without which none can be read.
    fn needs(&self) -> Vec<&'static str> {
        [&["user_id"], self.form.columns()].concat()
    }
}

const FASTAPI_USERS: Layout = Layout {
    name: "FastAPI Users",
    users: "user",
    hash: "hashed_password",
    own: false,
    links: &[Links { table: "oauth_account", form: Form::Identities(["oauth_name", "account_id", "account_email"]) }],
};

const USERMGR: Layout = Layout {
    name: "usermgr",
    users: "usermgr_users",
    hash: "password_hash",
    own: true,
    // The current form, and the form before the first release.
    links: &[
        Links { table: "usermgr_credentials", form: Form::Rows },
        Links { table: "usermgr_oauth_accounts", form: Form::Identities(["provider", "subject", "email"]) },
    ],
};

const FLAGS: [&str; 3] = ["is_active", "is_superuser", "is_verified"];

impl Layout {
    /// The columns without which no account can be read.
    fn needs(&self) -> Vec<&'static str> {
        let own: &[&str] = if self.own { &["created_at", "stamp", "email_key"] } else { &[] };
        ["id", "email", self.hash].into_iter().chain(FLAGS).chain(own.iter().copied()).collect()
    }

    /// The name of a table of this layout beside that of the users, which may begin with another prefix.
    fn beside(&self, users: &Table, name: &str) -> String {
        match (users.name().strip_suffix("users"), name.strip_prefix("usermgr_")) {
            (Some(prefix), Some(rest)) if self.own => format!("{prefix}{rest}"),
            _ => name.to_owned(),
        }
    }

    /// Whether a table is of this kind, complete or not.
    fn fits(&self, table: &Table) -> bool {
        ["email", self.hash].iter().all(|column| table.has(column))
    }
}

pub(super) struct Source {
    pool: AnyPool,
    dialect: Dialect,
    layout: &'static Layout,
    users: Table,
    links: Option<(&'static Links, Table)>,
    /// The tokens that were ended or used.
    ended: Option<Table>,
    /// The messages about tables that are not read.
    unread: Vec<String>,
    /// How an id becomes a text.
    text: [&'static str; 2],
    /// How a bound id becomes one of the column's type.
    cast: [&'static str; 2],
    after: Option<String>,
}

impl Source {
    /// Finds the tables: the named ones, or those with the usual names. Their columns are checked first, so that a table of another
    /// kind is skipped.
    ///
    /// # Errors
    /// The URL is of another kind, nothing can be read there, there is no such table, it lacks a column, or its ids are numbers.
    pub(super) async fn open(
        url: &str,
        table: Option<&str>,
        oauth_table: Option<&str>,
    ) -> Result<Self, Box<dyn Error>> {
        sqlx::any::install_default_drivers();
        let (dialect, url) = super::table::address(url)?;
        let pool =
            AnyPool::connect(&url).await.map_err(|error| format!("the other database cannot be opened: {error}"))?;
        let (layout, users) = chosen(&pool, dialect, table).await?;
        let name = users.name();
        if users.kind("id").is_some_and(|kind| kind.contains("int")) {
            return Err(format!("the ids of the table `{name}` are numbers; those of this server are UUIDs").into());
        }
        if let Some(column) = users.first_missing(&layout.needs()) {
            return Err(format!("the table `{name}` of {} has no column `{column}`", layout.name).into());
        }
        let (links, unread) = linked(&pool, dialect, layout, &users, oauth_table).await?;
        let (ended, unread_too) = ended(&pool, dialect, layout, &users).await?;
        let unread = unread.into_iter().chain(unread_too).collect();
        let (text, cast) = match users.kind("id") {
            Some("uuid") => (["CAST(", " AS TEXT)"], ["CAST(CAST(", " AS TEXT) AS uuid)"]),
            Some("blob") => (["lower(hex(", "))"], ["unhex(", ")"]),
            _ => (["CAST(", " AS TEXT)"], ["", ""]),
        };
        Ok(Self { pool, dialect, layout, users, links, ended, unread, text, cast, after: None })
    }

    pub(super) fn describe(&self) -> String {
        format!("the tables of {}", self.layout.name)
    }

    /// What is present but not read.
    pub(super) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Whether it is a database of this library.
    pub(super) fn is_own(&self) -> bool {
        self.layout.own
    }

    /// Whether there are tokens of other providers, which stay where they are.
    pub(super) fn has_tokens(&self) -> bool {
        self.links.is_some() && !self.layout.own
    }

    /// The next tokens that were ended or used and have not expired, behind this one. A stamp that is copied would make them valid again.
    pub(super) async fn ended_tokens(
        &self,
        after: &str,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, Box<dyn Error>> {
        match &self.ended {
            Some(table) => ended_tokens(&self.pool, table, after, now, PAGE).await,
            None => Ok(Vec::new()),
        }
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
        let mut links = self.credentials(first, last).await?;
        self.after = Some(last.clone());
        let page = rows.iter().zip(ids).map(|(row, id)| self.read(row, links.remove(&id).unwrap_or_default(), id));
        page.collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// Everything is read as text: how a flag or a time is kept differs between databases, and from one application to the next.
    fn users_text(&self) -> String {
        let Layout { hash, own, .. } = self.layout;
        let texts = FLAGS.map(|name| format!(", CAST({name} AS TEXT) AS {name}")).concat();
        let created_at = if self.users.has("created_at") { ", CAST(created_at AS TEXT) AS created_at" } else { "" };
        let username = if self.users.has("username") { ", CAST(username AS TEXT) AS username" } else { "" };
        let stamp = match (own, self.dialect) {
            (false, _) => "",
            (true, Dialect::Sqlite) => ", lower(hex(stamp)) AS stamp",
            (true, Dialect::Postgres) => ", encode(stamp, 'hex') AS stamp",
        };
        let ([before, behind], [text, ends], users) = (self.cast, self.text, self.users.quoted());
        let after = if self.after.is_some() { format!("WHERE id > {before}$1{behind} ") } else { String::new() };
        format!(
            "SELECT {text}id{ends} AS id, CAST(email AS TEXT) AS email, CAST({hash} AS TEXT) AS hash{texts}{created_at}{username}{stamp} \
             FROM {users} u {after}ORDER BY u.id LIMIT {PAGE}"
        )
    }

    /// The credentials of the users from one id to another.
    async fn credentials(
        &self,
        first: &str,
        last: &str,
    ) -> Result<HashMap<String, Vec<Credential<Uuid>>>, Box<dyn Error>> {
        let mut all: HashMap<String, Vec<_>> = HashMap::new();
        let Some((kept, table)) = &self.links else { return Ok(all) };
        let ([before, behind], [text, ends]) = (self.cast, self.text);
        let columns = kept.form.columns();
        let cells = columns.iter().map(|name| format!(", CAST({name} AS TEXT) AS {name}")).collect::<String>();
        let text = format!(
            "SELECT {text}user_id{ends} AS user_id{cells} FROM {} WHERE user_id >= {before}$1{behind} AND \
             user_id <= {before}$2{behind} ORDER BY {}",
            table.quoted(),
            columns[..2].join(", ")
        );
        for row in sqlx::query(AssertSqlSafe(text)).bind(first).bind(last).fetch_all(&self.pool).await? {
            let user_id: String = row.try_get("user_id")?;
            // An account whose id is no UUID is kept out, and its credentials with it.
            let credential = kept.form.read(&row, Uuid::try_parse(&user_id).unwrap_or_default())?;
            all.entry(user_id).or_default().push(credential);
        }
        Ok(all)
    }

    fn read(&self, row: &AnyRow, credentials: Vec<Credential<Uuid>>, id: String) -> Result<Row, Box<dyn Error>> {
        let own = self.layout.own;
        let mut flags = Ok([false; 3]);
        for (place, name) in FLAGS.into_iter().enumerate() {
            let text: Option<String> = row.try_get(name)?;
            match (&mut flags, text.as_deref().and_then(flag)) {
                (Ok(flags), Some(is_set)) => flags[place] = is_set,
                (Ok(_), None) => flags = Err(name),
                (Err(_), _) => {}
            }
        }
        let created: Option<String> = if self.users.has("created_at") { row.try_get("created_at")? } else { None };
        let created_at = created.as_deref().and_then(if own { microseconds } else { creation });
        let lost_creation = created.is_some() && created_at.is_none();
        let stored = |what| format!("the {what} of the user {id} cannot be read");
        let stamp = if own {
            if created_at.is_none() {
                return Err(stored("time of creation").into());
            }
            let bytes = u128::from_str_radix(row.try_get("stamp")?, 16).map_err(|_| stored("stamp"))?;
            Stamp::from_bytes(bytes.to_be_bytes())
        } else {
            fresh_stamp()?
        };
        let (email, hash) = (row.try_get("email")?, row.try_get("hash")?);
        let username = if self.users.has("username") { row.try_get("username")? } else { None };
        Ok(Row { id, email, username, hash, flags, created_at, lost_creation, stamp, credentials, ours: own })
    }
}

/// A table, with how its rows are read.
type Linked = Option<(&'static Links, Table)>;

/// The table of the credentials, and the message about one that is not read.
async fn linked(
    pool: &AnyPool,
    dialect: Dialect,
    layout: &'static Layout,
    users: &Table,
    named: Option<&str>,
) -> Result<(Linked, Option<String>), Box<dyn Error>> {
    let mut unread = None;
    for links in layout.links {
        let usual = layout.beside(users, links.table);
        let table = Table::read(pool, dialect, named.unwrap_or(&usual)).await?;
        match (table.exists(), table.first_missing(&links.needs())) {
            (false, _) => {}
            (true, None) => return Ok((Some((links, table)), None)),
            (true, Some(column)) => unread = Some((table, column)),
        }
    }
    match (unread, named) {
        (Some((table, column)), Some(_)) => {
            Err(format!("the table `{}` has no column `{column}`", table.name()).into())
        }
        (None, Some(name)) => Err(format!("there is no table `{name}`").into()),
        (Some((table, column)), None) => Ok((None, Some(without(&table, column)))),
        (None, None) if layout.own => {
            let usual = layout.beside(users, layout.links[0].table);
            Ok((None, Some(format!("no credentials are read: there is no table `{usual}`"))))
        }
        (None, None) => Ok((None, None)),
    }
}

/// The table of the tokens that were ended or used, or the message that it is missing.
async fn ended(
    pool: &AnyPool,
    dialect: Dialect,
    layout: &'static Layout,
    users: &Table,
) -> Result<(Option<Table>, Option<String>), Box<dyn Error>> {
    if !layout.own {
        return Ok((None, None));
    }
    let table = Table::read(pool, dialect, &layout.beside(users, "usermgr_ended_tokens")).await?;
    Ok(match (table.exists(), table.first_missing(&["id", "expires_at"])) {
        (false, _) => (None, Some(format!("no ended tokens are read: there is no table `{}`", table.name()))),
        (true, Some(column)) => (None, Some(without(&table, column))),
        (true, None) => (Some(table), None),
    })
}

fn without(table: &Table, column: &str) -> String {
    format!("the table `{}` is not read: it has no column `{column}`", table.name())
}

/// The table of the users, and its kind.
async fn chosen(
    pool: &AnyPool,
    dialect: Dialect,
    named: Option<&str>,
) -> Result<(&'static Layout, Table), Box<dyn Error>> {
    let layouts = [&FASTAPI_USERS, &USERMGR];
    if let Some(name) = named {
        let table = Table::read(pool, dialect, name).await?;
        if !table.exists() {
            return Err(format!("there is no table `{name}`").into());
        }
        let layout = layouts.into_iter().find(|layout| layout.fits(&table)).ok_or_else(|| {
            format!(
                "the table `{name}` is neither one of FastAPI Users nor one of usermgr: it has no column {}",
                missing(&table)
            )
        })?;
        return Ok((layout, table));
    }
    let mut passed_over = String::new();
    for layout in layouts {
        let table = Table::read(pool, dialect, layout.users).await?;
        if layout.fits(&table) {
            return Ok((layout, table));
        }
        if table.exists() {
            passed_over.push_str(&format!(": the one named `{}` has no column {}", table.name(), missing(&table)));
        }
    }
    let others = super::table::with_column(pool, dialect, FASTAPI_USERS.hash).await?;
    let hint = match others.as_slice() {
        [] => String::new(),
        names => format!("; perhaps it is another one, which is named by --table: {}", names.join(", ")),
    };
    Err(format!("the other database has neither a table `user` of FastAPI Users nor one of usermgr{passed_over}{hint}")
        .into())
}

/// Which of the two columns that identify a table is missing.
fn missing(table: &Table) -> String {
    let wanted = if table.has("email") { FASTAPI_USERS.hash } else { "email" };
    format!("`{wanted}`")
}

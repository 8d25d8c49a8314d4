//! A table of the other database: its name goes in, its columns come out. Also the database's URL.

use sqlx::AnyPool;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A table with the names of its columns and their types in lower case; without columns it does not exist.
pub(super) struct Table {
    name: String,
    dialect: Dialect,
    columns: Vec<(String, String)>,
}

impl Table {
    /// In PostgreSQL the name may have a schema before it, separated by a period.
    pub(super) async fn read(pool: &AnyPool, dialect: Dialect, name: &str) -> Result<Self, sqlx::Error> {
        let mut table = Self { name: name.to_owned(), dialect, columns: Vec::new() };
        let (text, bound) = match dialect {
            Dialect::Sqlite => ("SELECT name, lower(type) FROM pragma_table_info($1)", name.to_owned()),
            Dialect::Postgres => (
                "SELECT CAST(attname AS TEXT), lower(format_type(atttypid, atttypmod)) FROM pg_attribute \
                 WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
                table.quoted(),
            ),
        };
        table.columns = sqlx::query_as(text).bind(bound).fetch_all(pool).await?;
        Ok(table)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The name as it is written in a statement.
    pub(super) fn quoted(&self) -> String {
        let quote = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
        match (self.dialect, self.name.split_once('.')) {
            (Dialect::Postgres, Some((schema, name))) => format!("{}.{}", quote(schema), quote(name)),
            _ => quote(&self.name),
        }
    }

    pub(super) fn exists(&self) -> bool {
        !self.columns.is_empty()
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.kind(column).is_some()
    }

    /// The type of a column.
    pub(super) fn kind(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, kind)| kind.as_str())
    }

    pub(super) fn first_missing<'a>(&self, columns: &[&'a str]) -> Option<&'a str> {
        columns.iter().copied().find(|column| !self.has(column))
    }
}

/// The tables that have a column.
pub(super) async fn with_column(pool: &AnyPool, dialect: Dialect, column: &str) -> Result<Vec<String>, sqlx::Error> {
    let text = match dialect {
        Dialect::Sqlite => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = $1 WHERE m.type = 'table' ORDER BY m.name"
        }
        Dialect::Postgres => {
            "SELECT CAST(table_schema AS TEXT) || '.' || CAST(table_name AS TEXT) FROM information_schema.columns \
             WHERE column_name = $1 ORDER BY 1"
        }
    };
    sqlx::query_scalar(text).bind(column).fetch_all(pool).await
}

/// The URL for sqlx, from one of the server's or of SQLAlchemy's.
pub(super) fn address(url: &str) -> Result<(Dialect, String), String> {
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

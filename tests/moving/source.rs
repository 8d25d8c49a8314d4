//! The databases that are imported: one filled by the real FastAPI Users, its copy in PostgreSQL, and small ones made by hand.

use std::{collections::HashMap, path::Path, process::Command};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use usermgr_tests::Folder;

/// A database that FastAPI Users has made, with accounts of every kind.
pub(crate) struct Old {
    folder: Folder,
    python: String,
    ids: HashMap<String, String>,
}

impl Old {
    /// Makes one, if there is a Python with FastAPI Users.
    pub(crate) async fn fill() -> Option<Self> {
        let python = usermgr_tests::python("importing from FastAPI Users")?.to_str()?.to_owned();
        let mut old = Self { folder: Folder::over(None), python, ids: HashMap::new() };
        old.run("fill");
        let rows = sqlx::query("SELECT email, id FROM user").fetch_all(&mut old.connect().await).await.unwrap();
        old.ids = rows.iter().map(|row| (row.get("email"), row.get("id"))).collect();
        Some(old)
    }

    fn run(&self, command: &str) -> String {
        let output = Command::new(&self.python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/fastapi_users_app.py"))
            .args([command, "--folder"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// As SQLAlchemy writes it.
    pub(crate) fn url(&self) -> String {
        format!("sqlite+aiosqlite:///{}", self.folder.file("fastapi_users.db").display())
    }

    /// The id of the account with this very address.
    pub(crate) fn id(&self, email: &str) -> &str {
        &self.ids[email]
    }

    async fn connect(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.folder.file("fastapi_users.db"));
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// A user registers in the old application, with the password of all.
    pub(crate) async fn join(&self, email: &str) {
        let copy = "INSERT INTO user SELECT '01890000-0000-4000-8000-000000000000', $1, hashed_password, 1, 0, 0 FROM user \
                    WHERE email = 'bob@example.com'";
        sqlx::query(copy).bind(email).execute(&mut self.connect().await).await.unwrap();
    }

    /// Makes the tables there, by the library's own statements, and writes the same rows.
    pub(crate) async fn copy_to_postgres(&self, url: &str) {
        let (mut from, mut to) = (self.connect().await, PgConnection::connect(url).await.unwrap());
        sqlx::raw_sql(AssertSqlSafe(self.run("schema"))).execute(&mut to).await.unwrap();
        for row in sqlx::query("SELECT * FROM user").fetch_all(&mut from).await.unwrap() {
            sqlx::query("INSERT INTO \"user\" VALUES ($1::uuid, $2, $3, $4, $5, $6)")
                .bind(row.get::<String, _>("id"))
                .bind(row.get::<String, _>("email"))
                .bind(row.get::<String, _>("hashed_password"))
                .bind(row.get::<bool, _>("is_active"))
                .bind(row.get::<bool, _>("is_superuser"))
                .bind(row.get::<bool, _>("is_verified"))
                .execute(&mut to)
                .await
                .unwrap();
        }
        for row in sqlx::query("SELECT * FROM oauth_account").fetch_all(&mut from).await.unwrap() {
            sqlx::query("INSERT INTO oauth_account VALUES ($1::uuid, $2::uuid, $3, $4, NULL, $5, $6, $7)")
                .bind(row.get::<String, _>("id"))
                .bind(row.get::<String, _>("user_id"))
                .bind(row.get::<String, _>("oauth_name"))
                .bind(row.get::<String, _>("access_token"))
                .bind(row.get::<Option<String>, _>("refresh_token"))
                .bind(row.get::<String, _>("account_id"))
                .bind(row.get::<String, _>("account_email"))
                .execute(&mut to)
                .await
                .unwrap();
        }
    }
}

/// A SQLite database made by these statements; its URL.
pub(crate) async fn database(path: &Path, statements: &[&str]) -> String {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for statement in statements {
        sqlx::query(AssertSqlSafe((*statement).to_owned())).execute(&mut connection).await.unwrap();
    }
    format!("sqlite://{}", path.display())
}

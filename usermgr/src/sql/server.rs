//! What the stores over a database server share beside the body of every SQL store: connecting, the pool, the tables.

use std::time::Duration;

/// How long a statement waits for a row that another holds, and a caller for a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the type of a store over a database server.
///
/// - `schemes`: how its URLs may begin.
/// - `session`: what every connection of a pool of ours is told first.
/// - `prepare`: an async function that readies the connection which then applies the migrations, and which is closed afterwards.
macro_rules! server_store {
    (
        $(#[$doc:meta])* $store:ident, database: $db:ident, options: $options:ty, schemes: $schemes:expr, session: $session:literal,
        prepare: $prepare:path $(,)?
    ) => {
        $(#[$doc])*
        pub struct $store<P = NoProfile, I = Uuid> {
            pool: Pool<$db>,
            types: PhantomData<fn() -> (P, I)>,
        }

        impl<P: Profile, I: SqlId> $store<P, I> {
            /// Connects to the database that a URL names and brings its tables up to date. The database itself must be there.
            ///
            /// A server that refuses connections is asked again for 5 seconds. The pool holds up to 10 connections, and who finds none
            /// free waits for 5 seconds; for other numbers there is [`with_pool`](Self::with_pool).
            ///
            /// # Errors
            /// [`StoreError::Backend`] when the URL cannot be read, the server cannot be reached or refuses the account, the ids are of
            /// another type, or the tables are of a later version of this library. No message repeats the password.
            pub async fn connect(url: &str) -> Result<Self, StoreError> {
                let schemes: &[&str] = &$schemes;
                if !schemes.iter().any(|scheme| url.starts_with(scheme)) {
                    return Err(open("of this URL", format_args!("it does not begin with `{}`", schemes[0])));
                }
                let options: $options = url.parse().map_err(|error| open("of this URL", error))?;
                let database = options.get_database().unwrap_or("?");
                let name = format!("{database} at {}:{}", options.get_host(), options.get_port());
                let pool = PoolOptions::<$db>::new().acquire_timeout(PATIENCE).after_connect(|connection, _| {
                    Box::pin(async { connection.execute($session).await.map(drop) })
                });
                let pool = pool.connect_with(options).await.map_err(|error| match error {
                    sqlx::Error::PoolTimedOut => open(&name, "the server does not answer"),
                    error => open(&name, error),
                })?;
                Self::with_pool(pool).await
            }

            /// Keeps accounts in the application's own database, beside its tables, and makes or updates ours. The settings of the pool
            /// are the application's business.
            ///
            /// # Errors
            /// As [`connect`](Self::connect).
            pub async fn with_pool(pool: Pool<$db>) -> Result<Self, StoreError> {
                let mut connection = pool.acquire().await.map_err(failed)?;
                // The lock that keeps others from migrating at the same time is the session's: it ends with it, come what may.
                connection.close_on_drop();
                $prepare(&mut connection).await?;
                MIGRATIONS.run(&mut *connection, I::KIND).await?;
                connection.close().await.map_err(failed)?;
                Ok(Self { pool, types: PhantomData })
            }
        }

        impl<P, I> $store<P, I> {
            /// The pool of the store, for the application's own statements: a write over it is a transaction of its own. What must be
            /// written together with an account is written through the transaction that
            /// [`on_before_commit`](crate::UserManager::on_before_commit) is given.
            pub fn pool(&self) -> &Pool<$db> {
                &self.pool
            }

            fn writer(&self) -> &Pool<$db> {
                &self.pool
            }

            /// Closes the connections, the application's too if it [shares its pool](Self::with_pool). Waits for open transactions.
            pub async fn close(&self) {
                self.pool.close().await;
            }
        }

        impl<P, I> Clone for $store<P, I> {
            fn clone(&self) -> Self {
                Self { pool: self.pool.clone(), types: PhantomData }
            }
        }

        impl<P, I> fmt::Debug for $store<P, I> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($store)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use server_store;

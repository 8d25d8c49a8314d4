//! An open transaction of a SQL store.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use super::{dialect::Dialect, link::Link};

/// An open transaction of a [`SqlStore`](super::SqlStore). It dereferences to sqlx's connection: execute your own
/// statements on `&mut **tx`. Dropping it rolls it back.
///
/// A statement of the library waits for an answer as long as
/// [`statement_timeout`](super::SqlOptions::statement_timeout) allows. Your own statements are limited by the
/// [time limit of the hook](crate::engine::EngineBuilder::hook_timeout).
///
/// ```
/// # #[cfg(feature = "sqlite")] mod shown {
/// use sqlx::{Sqlite, SqliteConnection};
/// use usermgr::{HookError, sql::SqlTransaction};
///
/// async fn note(connection: &mut SqliteConnection, text: &str) -> Result<(), sqlx::Error> {
///     sqlx::query("INSERT INTO notes (text) VALUES (?)").bind(text).execute(connection).await.map(drop)
/// }
///
/// async fn note_twice(tx: &mut SqlTransaction<Sqlite>) -> Result<(), HookError> {
///     note(tx, "once").await?;
///     Ok(note(tx, "twice").await?)
/// }
/// # }
/// ```
pub struct SqlTransaction<D: Dialect> {
    link: Link<D>,
    is_open: bool,
}

impl<D: Dialect> SqlTransaction<D> {
    pub(super) async fn begin(mut link: Link<D>) -> Result<Self, sqlx::Error> {
        link.begin().await?;
        Ok(Self { link, is_open: true })
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.link.commit().await?;
        self.is_open = false;
        Ok(())
    }

    /// The connection for the library's own statements.
    pub(super) fn link(&mut self) -> &mut Link<D> {
        &mut self.link
    }
}

impl<D: Dialect> Drop for SqlTransaction<D> {
    fn drop(&mut self) {
        if self.is_open {
            self.link.roll_back();
        }
    }
}

impl<D: Dialect> Deref for SqlTransaction<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        self.link.shown()
    }
}

impl<D: Dialect> DerefMut for SqlTransaction<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        self.link.lent()
    }
}

impl<D: Dialect> fmt::Debug for SqlTransaction<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlTransaction").finish_non_exhaustive()
    }
}

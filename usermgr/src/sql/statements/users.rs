//! Statements about accounts and about tokens that were used.

use sqlx::{SqlSafeStr as _, SqlStr};

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Users {
    pub(in crate::sql) find_by_id: SqlStr,
    pub(in crate::sql) find_by_email: SqlStr,
    pub(in crate::sql) find_by_username: SqlStr,
    pub(in crate::sql) find_locked: SqlStr,
    pub(in crate::sql) find_both_locked: SqlStr,
    pub(in crate::sql) list: SqlStr,
    pub(in crate::sql) list_after: SqlStr,
    pub(in crate::sql) search: SqlStr,
    pub(in crate::sql) search_after: SqlStr,
    pub(in crate::sql) search_named: SqlStr,
    pub(in crate::sql) search_named_after: SqlStr,
    pub(in crate::sql) insert: SqlStr,
    pub(in crate::sql) insert_numbered: SqlStr,
    pub(in crate::sql) update: SqlStr,
    /// Deletes what belongs to a user, and then the user.
    pub(in crate::sql) delete: Vec<SqlStr>,
    pub(in crate::sql) guard_superusers: Option<SqlStr>,
    pub(in crate::sql) lock_and_count_superusers: SqlStr,
    pub(in crate::sql) note_end: SqlStr,
    pub(in crate::sql) purge_ended: SqlStr,
    pub(in crate::sql) ready: Option<SqlStr>,
    pub(in crate::sql) after_number: Option<SqlStr>,
}

impl Users {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        let words = D::WORDS;
        Self {
            find_by_id: text("SELECT {account} FROM usermgr_users u WHERE u.id = $1"),
            find_by_email: text("SELECT {account} FROM usermgr_users u WHERE u.email_key = $1"),
            find_by_username: text("SELECT {account} FROM usermgr_users u WHERE u.username_key = $1"),
            find_locked: text("SELECT {account} FROM usermgr_users u WHERE u.id = $1{lock user}"),
            find_both_locked: text(
                "SELECT {account} FROM usermgr_users u WHERE u.id IN ($1, $2) ORDER BY u.id{lock user}",
            ),
            list: text("SELECT {account} FROM usermgr_users u ORDER BY u.id LIMIT $1"),
            list_after: text("SELECT {account} FROM usermgr_users u WHERE u.id > $1 ORDER BY u.id LIMIT $2"),
            search: text(
                "SELECT {account} FROM usermgr_users u WHERE u.email_key >= $1 AND u.email_key < $2 AND ({flags}) & $3 = $4 \
                 ORDER BY u.email_key LIMIT $5",
            ),
            search_after: text(
                "SELECT {account} FROM usermgr_users u WHERE u.email_key > $1 AND u.email_key < $2 AND ({flags}) & $3 = $4 \
                 ORDER BY u.email_key LIMIT $5",
            ),
            // The function keeps the databases from walking along the index of the addresses for the sake of the order.
            search_named: text(
                "SELECT {account} FROM usermgr_users u WHERE u.username_key >= $1 AND u.username_key < $2 \
                 AND COALESCE(u.email_key, '') >= $3 AND COALESCE(u.email_key, '') < $4 AND ({flags}) & $5 = $6 \
                 ORDER BY COALESCE(u.email_key, '') LIMIT $7",
            ),
            search_named_after: text(
                "SELECT {account} FROM usermgr_users u WHERE u.username_key >= $1 AND u.username_key < $2 \
                 AND COALESCE(u.email_key, '') > $3 AND COALESCE(u.email_key, '') < $4 AND ({flags}) & $5 = $6 \
                 ORDER BY COALESCE(u.email_key, '') LIMIT $7",
            ),
            insert: text(
                "INSERT INTO usermgr_users (email, email_key, username, username_key, password_hash, is_active, is_superuser, \
                 is_verified, created_at, stamp, profile, version, id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11{as json}, 0, $12)",
            ),
            insert_numbered: text(
                "INSERT INTO usermgr_users (email, email_key, username, username_key, password_hash, is_active, is_superuser, \
                 is_verified, created_at, stamp, profile, version) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11{as json}, 0){numbered}",
            ),
            // The key comes first, because MySQL takes later expressions from the new row. An unchanged address keeps
            // its key, which may have been computed by other rules.
            update: text(
                "UPDATE usermgr_users SET email_key = CASE WHEN email = $1 THEN email_key ELSE $2 END, username = $3, \
                 username_key = $4, password_hash = $5, is_active = $6, is_superuser = $7, is_verified = $8, created_at = $9, \
                 stamp = $10, profile = $11{as json}, email = $12, version = version + 1 WHERE id = $13 AND version = $14",
            ),
            // The cascade is not enough: the pool of an application may not enforce foreign keys.
            delete: [
                "DELETE FROM usermgr_sessions WHERE user_id = $1",
                "DELETE FROM usermgr_credentials WHERE user_id = $1",
                "DELETE FROM usermgr_pending WHERE user_id = $1",
                "DELETE FROM usermgr_logins WHERE user_id = $1",
                "DELETE FROM usermgr_outbox WHERE email_key = (SELECT email_key FROM usermgr_users WHERE id = $1)",
                "DELETE FROM usermgr_outbox WHERE user_id = $1",
                "DELETE FROM usermgr_users WHERE id = $1",
            ]
            .map(text)
            .into(),
            guard_superusers: words.guard_superusers.map(text),
            lock_and_count_superusers: text(words.lock_and_count_superusers),
            note_end: text("INSERT INTO usermgr_ended_tokens (id, expires_at) VALUES ($1, $2){unless there}"),
            purge_ended: text("DELETE FROM usermgr_ended_tokens WHERE expires_at < $1"),
            ready: words.ready.map(|text| text.into_sql_str()),
            after_number: words.after_number.map(text),
        }
    }
}

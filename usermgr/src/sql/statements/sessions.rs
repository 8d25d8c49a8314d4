//! Statements about sessions, and about signed tokens that have ended.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Sessions {
    pub(in crate::sql) insert: SqlStr,
    pub(in crate::sql) find_by_digest: SqlStr,
    pub(in crate::sql) find_by_id: SqlStr,
    pub(in crate::sql) find_of_user: SqlStr,
    pub(in crate::sql) list: SqlStr,
    pub(in crate::sql) count: SqlStr,
    pub(in crate::sql) touch: SqlStr,
    pub(in crate::sql) rotate: SqlStr,
    pub(in crate::sql) restamp: SqlStr,
    pub(in crate::sql) revoke_one: SqlStr,
    pub(in crate::sql) revoke_user: SqlStr,
    pub(in crate::sql) revoke_others: SqlStr,
    pub(in crate::sql) revoke_oldest: SqlStr,
    pub(in crate::sql) purge: SqlStr,
    pub(in crate::sql) has_token_ended: SqlStr,
    pub(in crate::sql) find_unless_ended: SqlStr,
}

impl Sessions {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            insert: text(
                "INSERT INTO usermgr_sessions (id, digest, user_id, stamp, backend, authenticated_at, seen_at, expires_at, ip, \
                 user_agent, refresh_digest, rotated_at, rotated_by, amr, actor) VALUES ($1, $2, (SELECT id FROM usermgr_users WHERE id = $3\
                 {hold user}), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            ),
            find_by_digest: text(
                "SELECT {account}, {session} FROM usermgr_sessions s JOIN usermgr_users u ON u.id = s.user_id WHERE s.digest = $1",
            ),
            find_by_id: text(
                "SELECT {account}, {session} FROM usermgr_sessions s JOIN usermgr_users u ON u.id = s.user_id WHERE s.id = $1",
            ),
            find_of_user: text("SELECT {session} FROM usermgr_sessions s WHERE s.user_id = $1 AND s.id = $2"),
            list: text(
                "SELECT {session} FROM usermgr_sessions s WHERE s.user_id = $1 ORDER BY s.authenticated_at DESC, s.id DESC",
            ),
            count: text("SELECT COUNT(*) FROM usermgr_sessions WHERE user_id = $1"),
            touch: text("UPDATE usermgr_sessions SET seen_at = $1 WHERE id = $2"),
            rotate: text(
                "UPDATE usermgr_sessions SET refresh_digest = $1, rotated_at = $2, rotated_by = $3 WHERE id = $4 AND \
                 refresh_digest = $5",
            ),
            restamp: text("UPDATE usermgr_sessions SET stamp = $1, amr = $2 WHERE id = $3"),
            revoke_one: text("DELETE FROM usermgr_sessions WHERE user_id = $1 AND id = $2"),
            revoke_user: text("DELETE FROM usermgr_sessions WHERE user_id = $1"),
            revoke_others: text("DELETE FROM usermgr_sessions WHERE user_id = $1 AND id <> $2"),
            // The nested selection is for MySQL, which can neither select from the table that it deletes from nor limit
            // the selection there.
            revoke_oldest: text(
                "DELETE FROM usermgr_sessions WHERE user_id = $1 AND id <> $2 AND actor IS NULL AND id NOT IN (SELECT id FROM \
                 (SELECT id FROM usermgr_sessions WHERE user_id = $3 AND id <> $4 AND actor IS NULL \
                 ORDER BY authenticated_at DESC, id DESC LIMIT $5) newest)",
            ),
            purge: text("DELETE FROM usermgr_sessions WHERE expires_at < $1"),
            has_token_ended: text("SELECT 1 FROM usermgr_ended_tokens WHERE id = $1"),
            find_unless_ended: text(
                "SELECT {account} FROM usermgr_users u WHERE u.id = $1 AND NOT EXISTS (SELECT 1 FROM usermgr_ended_tokens e \
                 WHERE e.id = $2)",
            ),
        }
    }
}

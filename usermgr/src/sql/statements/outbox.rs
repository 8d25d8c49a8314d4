//! Statements about the outbox.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Outbox {
    pub(in crate::sql) push_to_user: SqlStr,
    pub(in crate::sql) push_to_address: SqlStr,
    pub(in crate::sql) due: SqlStr,
    pub(in crate::sql) claim: SqlStr,
    pub(in crate::sql) oldest_due: SqlStr,
    pub(in crate::sql) done: SqlStr,
    pub(in crate::sql) retry: SqlStr,
    pub(in crate::sql) fail: SqlStr,
    pub(in crate::sql) failed: SqlStr,
    pub(in crate::sql) retry_failed: SqlStr,
    pub(in crate::sql) delete_failed: SqlStr,
    pub(in crate::sql) purge_failed: SqlStr,
}

impl Outbox {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            push_to_user: text(
                "INSERT INTO usermgr_outbox (id, event, payload, attempts, due_at, user_id) SELECT $1, $2, $3, $4, $5, id FROM \
                 usermgr_users WHERE id = $6{hold user}",
            ),
            push_to_address: text(
                "INSERT INTO usermgr_outbox (id, event, payload, attempts, due_at, email, email_key) VALUES ($1, $2, $3, $4, $5, \
                 $6, $7)",
            ),
            due: text(
                "SELECT id, event, user_id, email, payload, attempts FROM usermgr_outbox WHERE failed_at IS NULL AND due_at <= $1 \
                 ORDER BY due_at, id LIMIT $2",
            ),
            claim: text(
                "UPDATE usermgr_outbox SET attempts = attempts + 1, due_at = $1 WHERE id = $2 AND attempts = $3 AND failed_at IS \
                 NULL AND due_at <= $4",
            ),
            oldest_due: text("SELECT MIN(due_at) FROM usermgr_outbox WHERE failed_at IS NULL AND due_at <= $1"),
            done: text("DELETE FROM usermgr_outbox WHERE id = $1"),
            retry: text("UPDATE usermgr_outbox SET due_at = $1, last_error = $2 WHERE id = $3 AND attempts = $4"),
            fail: text("UPDATE usermgr_outbox SET failed_at = $1, last_error = $2 WHERE id = $3 AND attempts = $4"),
            failed: text(
                "SELECT id, event, user_id, email, payload, attempts, due_at, failed_at, last_error FROM usermgr_outbox WHERE \
                 failed_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
            ),
            retry_failed: text(
                "UPDATE usermgr_outbox SET failed_at = NULL, attempts = 0, due_at = $1 WHERE id = $2 AND failed_at IS NOT NULL",
            ),
            delete_failed: text("DELETE FROM usermgr_outbox WHERE id = $1 AND failed_at IS NOT NULL"),
            purge_failed: text("DELETE FROM usermgr_outbox WHERE failed_at < $1"),
        }
    }
}

//! Statements about the login history.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct History {
    pub(in crate::sql) insert: SqlStr,
    pub(in crate::sql) trim_logins: SqlStr,
    pub(in crate::sql) trim_refused: SqlStr,
    pub(in crate::sql) list: SqlStr,
    pub(in crate::sql) purge: SqlStr,
}

impl History {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            insert: text(
                "INSERT INTO usermgr_logins (id, user_id, happened_at, reason, amr, ip, user_agent) VALUES ($1, (SELECT id FROM \
                 usermgr_users WHERE id = $2{hold user}), $3, $4, $5, $6, $7)",
            ),
            // The nested selections are for MySQL, which can neither select from the table that it deletes from nor limit
            // the selection there.
            trim_logins: text(
                "DELETE FROM usermgr_logins WHERE user_id = $1 AND reason IS NULL AND id NOT IN (SELECT id FROM (SELECT id FROM \
                 usermgr_logins WHERE user_id = $2 AND reason IS NULL ORDER BY happened_at DESC, id DESC LIMIT $3) newest)",
            ),
            trim_refused: text(
                "DELETE FROM usermgr_logins WHERE user_id = $1 AND reason IS NOT NULL AND id NOT IN (SELECT id FROM (SELECT id FROM \
                 usermgr_logins WHERE user_id = $2 AND reason IS NOT NULL ORDER BY happened_at DESC, id DESC LIMIT $3) newest)",
            ),
            list: text(
                "SELECT id, happened_at, reason, amr, ip, user_agent FROM usermgr_logins WHERE user_id = $1 AND happened_at >= $2 \
                 ORDER BY happened_at DESC, id DESC",
            ),
            purge: text("DELETE FROM usermgr_logins WHERE happened_at < $1"),
        }
    }
}

//! Statements about the counters of limits.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Counters {
    pub(in crate::sql) read: SqlStr,
    pub(in crate::sql) insert: SqlStr,
    pub(in crate::sql) swap: SqlStr,
    pub(in crate::sql) refund: SqlStr,
    pub(in crate::sql) clear: SqlStr,
    pub(in crate::sql) purge: SqlStr,
}

impl Counters {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            read: text("SELECT hits, last_at FROM usermgr_counters WHERE id = $1"),
            insert: text("INSERT INTO usermgr_counters (hits, last_at, forget_at, id) VALUES ($1, $2, $3, $4)"),
            swap: text(
                "UPDATE usermgr_counters SET hits = $1, last_at = $2, forget_at = $3 WHERE id = $4 AND hits = $5 AND last_at = $6",
            ),
            refund: text(
                "UPDATE usermgr_counters SET hits = hits - 1, last_at = CASE WHEN last_at = $1 THEN $2 ELSE last_at END WHERE \
                 id = $3 AND hits > 0",
            ),
            clear: text("DELETE FROM usermgr_counters WHERE id = $1"),
            purge: text("DELETE FROM usermgr_counters WHERE forget_at <= $1"),
        }
    }
}

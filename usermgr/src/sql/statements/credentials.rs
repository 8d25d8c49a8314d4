//! Statements about what lasts of a user beside the password.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Credentials {
    pub(in crate::sql) insert: SqlStr,
    /// The data of one kind, of one user.
    pub(in crate::sql) data: SqlStr,
}

impl Credentials {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            insert: text(
                "INSERT INTO usermgr_credentials (id, user_id, kind, lookup, data, version, created_at) VALUES ($1, $2, $3, $4, $5, \
                 0, $6)",
            ),
            data: text("SELECT data FROM usermgr_credentials WHERE user_id = $1 AND kind = $2"),
        }
    }
}

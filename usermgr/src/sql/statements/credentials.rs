//! Statements about credentials and pending steps.

use sqlx::SqlStr;

use super::Texts;
use crate::sql::dialect::Dialect;

pub(in crate::sql) struct Credentials {
    pub(in crate::sql) of_user: SqlStr,
    pub(in crate::sql) find: SqlStr,
    pub(in crate::sql) list: SqlStr,
    pub(in crate::sql) list_after: SqlStr,
    pub(in crate::sql) list_kind: SqlStr,
    pub(in crate::sql) list_kind_after: SqlStr,
    pub(in crate::sql) insert: SqlStr,
    pub(in crate::sql) swap: SqlStr,
    pub(in crate::sql) delete_one: SqlStr,
    pub(in crate::sql) delete_kind: SqlStr,
    pub(in crate::sql) delete_user: SqlStr,
    pub(in crate::sql) purge: SqlStr,
}

impl Credentials {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            of_user: text(
                "SELECT {credential} FROM usermgr_credentials c WHERE c.user_id = $1 AND (c.expires_at IS NULL OR c.expires_at > \
                 $2) ORDER BY c.created_at, c.id",
            ),
            find: text(
                "SELECT {account}, {credential} FROM usermgr_credentials c JOIN usermgr_users u ON u.id = c.user_id WHERE c.kind \
                 = $1 AND c.lookup = $2 AND (c.expires_at IS NULL OR c.expires_at > $3)",
            ),
            list: text("SELECT {credential} FROM usermgr_credentials c ORDER BY c.id LIMIT $1"),
            list_after: text("SELECT {credential} FROM usermgr_credentials c WHERE c.id > $1 ORDER BY c.id LIMIT $2"),
            list_kind: text("SELECT {credential} FROM usermgr_credentials c WHERE c.kind = $1 ORDER BY c.id LIMIT $2"),
            list_kind_after: text(
                "SELECT {credential} FROM usermgr_credentials c WHERE c.kind = $1 AND c.id > $2 ORDER BY c.id LIMIT $3",
            ),
            insert: text(
                "INSERT INTO usermgr_credentials (id, user_id, kind, lookup, label, data, version, created_at, used_at, expires_at) \
                 VALUES ($1, (SELECT id FROM usermgr_users WHERE id = $2{hold user}), $3, $4, $5, $6, $7, $8, $9, $10)",
            ),
            swap: text(
                "UPDATE usermgr_credentials SET label = $1, data = $2, used_at = $3, expires_at = $4, version = version + 1 WHERE \
                 id = $5 AND version = $6",
            ),
            delete_one: text("DELETE FROM usermgr_credentials WHERE user_id = $1 AND id = $2"),
            delete_kind: text("DELETE FROM usermgr_credentials WHERE user_id = $1 AND kind = $2"),
            delete_user: text("DELETE FROM usermgr_credentials WHERE user_id = $1"),
            purge: text("DELETE FROM usermgr_credentials WHERE expires_at < $1"),
        }
    }
}

pub(in crate::sql) struct Pending {
    pub(in crate::sql) put_of_user: SqlStr,
    pub(in crate::sql) put_without_user: SqlStr,
    pub(in crate::sql) find: SqlStr,
    pub(in crate::sql) count: SqlStr,
    pub(in crate::sql) take: SqlStr,
    pub(in crate::sql) delete_user: SqlStr,
    pub(in crate::sql) purge: SqlStr,
}

impl Pending {
    pub(super) fn new<D: Dialect>(texts: &Texts) -> Self {
        let text = |text: &str| texts.statement::<D>(text);
        Self {
            put_of_user: text(
                "INSERT INTO usermgr_pending (id, purpose, data, attempts, expires_at, user_id) SELECT $1, $2, $3, $4, $5, id FROM \
                 usermgr_users WHERE id = $6{hold user}",
            ),
            put_without_user: text(
                "INSERT INTO usermgr_pending (id, purpose, data, attempts, expires_at) VALUES ($1, $2, $3, $4, $5)",
            ),
            find: text(
                "SELECT user_id, data, attempts, expires_at FROM usermgr_pending WHERE id = $1 AND purpose = $2 AND expires_at > $3",
            ),
            count: text(
                "UPDATE usermgr_pending SET attempts = attempts + 1 WHERE id = $1 AND purpose = $2 AND expires_at > $3 AND \
                 attempts < $4",
            ),
            take: text("DELETE FROM usermgr_pending WHERE id = $1 AND purpose = $2 AND expires_at > $3"),
            delete_user: text("DELETE FROM usermgr_pending WHERE user_id = $1"),
            purge: text("DELETE FROM usermgr_pending WHERE expires_at < $1"),
        }
    }
}

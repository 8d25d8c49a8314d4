//! The conversion of the text of a statement to a database and a store.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::sql::dialect::{Dialect, Words};

/// The columns of an account, in the order in which [rows](crate::sql::row) are read.
const ACCOUNT: &str =
    "u.id, u.email, u.username, u.password_hash, {flags}, u.created_at, u.stamp, u.version, u.profile{as text}";
/// The columns of a session, except its user's id.
const SESSION: &str = "s.id, s.digest, s.stamp, s.backend, s.authenticated_at, s.seen_at, s.expires_at, s.ip, s.user_agent, \
     s.refresh_digest, s.rotated_at, s.rotated_by, s.amr, s.actor";
/// The columns of a credential.
const CREDENTIAL: &str =
    "c.id, c.user_id, c.kind, c.lookup, c.label, c.data, c.version, c.created_at, c.used_at, c.expires_at";
/// The default prefix of tables, which the texts here use.
pub(in crate::sql) const PREFIX: &str = "usermgr_";

/// Builds statements for the tables of one prefix.
pub(in crate::sql) struct Texts {
    prefix: String,
    #[cfg(test)]
    made: std::sync::Mutex<Vec<String>>,
}

impl Texts {
    pub(in crate::sql) fn of_prefix(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            #[cfg(test)]
            made: std::sync::Mutex::default(),
        }
    }

    /// Returns all statements that were built, with the marks as written.
    #[cfg(test)]
    pub(in crate::sql) fn made(&self) -> Vec<String> {
        self.made.lock().unwrap().clone()
    }

    /// Returns the name of a table.
    pub(in crate::sql) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Returns a text with the table names of this store.
    pub(in crate::sql) fn named(&self, text: &str) -> String {
        text.replace(PREFIX, &self.prefix)
    }

    /// Returns a statement, ready to be prepared.
    pub(in crate::sql) fn statement<D: Dialect>(&self, text: &str) -> SqlStr {
        let Words { flags, json, as_text, numbered, hold_user, lock_user, unless_there, .. } = D::WORDS;
        let gaps = [
            ("{account}", ACCOUNT),
            ("{session}", SESSION),
            ("{credential}", CREDENTIAL),
            ("{flags}", flags),
            ("{as json}", json),
            ("{as text}", as_text),
            ("{numbered}", numbered),
            ("{hold user}", hold_user),
            ("{lock user}", lock_user),
            ("{unless there}", unless_there),
        ];
        let filled = gaps.into_iter().fold(text.to_owned(), |text, (gap, words)| text.replace(gap, words));
        let named = self.named(&filled);
        #[cfg(test)]
        self.made.lock().unwrap().push(named.clone());
        // It consists only of texts of the library and a prefix of letters. It is shared, because each call takes one.
        AssertSqlSafe(Arc::<str>::from(D::marked(&named))).into_sql_str()
    }
}

/// Replaces `$1`, `$2` and so on by `?`. The values are bound in the order of the marks, so the numbers must have no
/// gaps and no repeats.
#[cfg(any(feature = "mysql", test))]
pub(in crate::sql) fn with_question_marks(text: &str) -> String {
    let mut parts = text.split('$');
    let first = parts.next().unwrap_or_default();
    parts.fold(first.to_owned(), |done, part| done + "?" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Returns the numbers of the marks in a text.
#[cfg(test)]
pub(in crate::sql) fn numbers(text: &str) -> Vec<usize> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    text.split('$').skip(1).map(|part| digits(part).parse().unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_question_marks() {
        assert_eq!(with_question_marks("a = $1 AND b = $12::json OR c = $2"), "a = ? AND b = ?::json OR c = ?");
        assert_eq!(with_question_marks("SELECT 1"), "SELECT 1");
        assert_eq!(numbers("a = $1 AND b = $12::json OR c = $2"), [1, 12, 2]);
    }
}

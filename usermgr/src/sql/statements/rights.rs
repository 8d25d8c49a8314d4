//! The rights that the statements need, against those that the guide's page on deploying grants to the account of the servers.

use std::collections::BTreeSet;

use super::{PREFIX, tests::texts};
use crate::sql::dialect::Dialect;

/// Rights to tables, each as in `UPDATE usermgr_users`.
type Rights = BTreeSet<String>;

/// Returns what the statements need.
fn needed<D: Dialect>() -> Rights {
    // Each start reads the list of migrations.
    let mut needed = Rights::from([format!("SELECT {PREFIX}migrations")]);
    for text in texts::<D>() {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        for (at, table) in words.iter().enumerate().filter(|(_, word)| word.starts_with(PREFIX)) {
            let before = |places| at.checked_sub(places).map(|at| words[at]);
            // A condition reads the table, and so does a new value that is computed from the old one.
            let rights: &[&str] = match (before(2), before(1)) {
                (_, Some("INTO")) if text.contains("ON DUPLICATE KEY UPDATE") => &["INSERT", "UPDATE", "SELECT"],
                (_, Some("INTO")) => &["INSERT"],
                (_, Some("UPDATE")) => &["UPDATE", "SELECT"],
                (Some("DELETE"), Some("FROM")) => &["DELETE", "SELECT"],
                (_, Some("FROM" | "JOIN")) => &["SELECT"],
                _ => &[],
            };
            needed.extend(rights.iter().map(|right| format!("{right} {table}")));
        }
    }
    needed
}

/// Returns what the guide grants behind a comment.
fn granted(line: &str) -> Rights {
    let page = include_str!("../../../docs/deploying.md");
    let (_, behind) = page.split_once(&format!("\n-- {line}\n")).unwrap();
    let (list, _) = behind.split_once("\n```").unwrap();
    let grants = list.split(';').map(str::trim).filter(|grant| !grant.is_empty());
    let rights = grants.flat_map(|grant| {
        let grant = grant.strip_prefix("GRANT ").unwrap().strip_suffix(" TO app").unwrap();
        let (rights, tables) = grant.split_once(" ON ").unwrap();
        let tables: Vec<_> = tables.split(',').map(|table| table.trim().trim_start_matches("shop.")).collect();
        let each = |right: &str| tables.iter().map(|table| format!("{} {table}", right.trim())).collect::<Vec<_>>();
        rights.split(',').flat_map(each).collect::<Vec<_>>()
    });
    rights.collect()
}

#[cfg(feature = "postgres")]
#[test]
fn the_guide_grants_in_postgresql_what_the_statements_need_and_no_more() {
    assert_eq!(granted("PostgreSQL, as the owner, after each migration"), needed::<sqlx::Postgres>());
}

#[cfg(feature = "mysql")]
#[test]
fn the_guide_grants_in_mariadb_and_mysql_what_the_statements_need_and_no_more() {
    assert_eq!(granted("MariaDB, MySQL, as an administrator, after each migration"), needed::<sqlx::MySql>());
}

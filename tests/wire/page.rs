//! The page of the guide that lists all rows: themes go in, Markdown comes out.

use crate::rows::{Row, Theme};

const HEAD: &str = "\
# Conformance

A client for FastAPI Users 15 works unchanged. This page lists what such a client can ask and what usermgr answers. The
page on [coming from FastAPI Users][moving] sums up the differences.

- `403 / 200`: the first is the answer if addresses must be verified (`require_verified`).
- The last column is the answer of FastAPI Users if it differs, and the reason for ours.
- `r..` are rows that FastAPI Users' own tests demand over HTTP, `m..` those that they demand of its manager and that are
  visible over HTTP. `d..` are decisions that they do not test.

Each row is a test of the same name, over a socket, on each database and framework. The page is made from them. How
sign-ins through [other providers] differ is on their page.
";

const LINKS: &str = "\n[moving]: coming-from-fastapi-users.md#what-is-different\n[other providers]: signing-in-with-others.md#beside-fastapi-users\n";

/// The page.
pub(crate) fn page(themes: &[&Theme]) -> String {
    let mut page = HEAD.to_owned();
    for theme in themes {
        page.push_str(&format!(
            "\n## {}\n\n| Row | Request | Answer | FastAPI Users |\n|---|---|---|---|\n",
            theme.title
        ));
        for row in theme.rows {
            let Row { asked, answered, differs, .. } = row;
            page.push_str(&format!("| {} | {asked} | {answered} |", row.id()));
            // A cell that is missing at the end is an empty one.
            page.extend(differs.map(|differs| format!(" {differs} |")));
            page.push('\n');
        }
    }
    page + LINKS
}

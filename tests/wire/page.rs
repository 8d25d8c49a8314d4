//! The page of the guide that lists all rows: themes go in, Markdown comes out.

use crate::rows::{Row, Theme};

const HEAD: &str = "\
# Conformance

A client written for FastAPI Users 15 works unchanged: this is the list of what such a client can ask, and what is answered. Each row
is a test of the same name, over a socket, on each database and framework; the page is made from them.

A row whose number begins with `r` is a behaviour that FastAPI Users' own tests demand over HTTP; with `m`, one that they demand
of its manager and that can be seen over HTTP; with `d`, one that they do not test and that was decided here. Where two answers stand with a
slash between them, the first is that of an engine with `require_verified`. The last column says where FastAPI Users answers otherwise, and why we do
not; an empty one means the same answer.
";

/// The page.
pub(crate) fn page(themes: &[&Theme]) -> String {
    let mut page = HEAD.to_owned();
    for theme in themes {
        page.push_str(&format!(
            "\n## {}\n\n| Row | Asked | Answered | Where it differs, and why |\n|---|---|---|---|\n",
            theme.title
        ));
        for row in theme.rows {
            let Row { asked, answered, differs, .. } = row;
            page.push_str(&format!("| {} | {asked} | {answered} | {} |\n", row.id(), differs.unwrap_or_default()));
        }
    }
    page
}

//! Sign-ins against a provider in the process, through the routes.

mod accounts;
#[cfg(feature = "actix")]
mod actix;
mod apps;
mod flows;
mod hooks;
mod linking;
mod native;
mod provider;
mod rig;
mod tokens;

/// The table of the guide is written from the rows of the routes by `UPDATE_EXPECT=1`, and otherwise compared with them.
#[test]
fn the_route_table_of_the_guide_is_the_librarys() {
    use std::{env, fs};

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/signing-in-with-others.md");
    let text = fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("| Method | Path |").unwrap();
    let mut lines = rest.lines();
    let head: Vec<&str> = lines.by_ref().take(2).collect();
    let after: Vec<&str> = lines.skip_while(|line| line.starts_with('|')).collect();
    let of_providers = |route: &&crate::http::Route| route.part != Some(crate::engine::outbox::PART);
    let rows: Vec<_> = crate::http::Route::of_parts().filter(of_providers).map(crate::http::Route::table_row).collect();
    let wanted = format!("{before}| Method | Path |{}\n{}\n{}\n", head.join("\n"), rows.join("\n"), after.join("\n"));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, &wanted).unwrap();
    }
    assert!(fs::read_to_string(path).unwrap() == wanted, "write its table with UPDATE_EXPECT=1");
}

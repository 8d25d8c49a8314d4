//! The shape of the crates, read from their sources: which files use which, that none of them form a ring, that each layer uses those below
//! it alone, and that what is counted stays small.

#[path = "structure/graph.rs"]
mod graph;
#[path = "structure/growth.rs"]
mod growth;
#[path = "structure/registry.rs"]
mod registry;
#[path = "structure/source.rs"]
mod source;

use std::{env, fs, path::Path};

use graph::rings;
use source::Crate;

const CRATES: [&str; 2] = ["usermgr", "usermgr-derive"];

/// The layers: a module uses its own and those before it. What is not named here is the ground, which is used by all of them; what the
/// ground must not use is found as a ring.
const LAYERS: &[&[&str]] = &[
    &["engine"],
    &["manager"],
    &["hook"],
    &["notification"],
    &["change"],
    &["login"],
    &["http"],
    &["slices"],
    &["pages"],
    &["openapi"],
    &["axum", "actix"],
];

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).map_or(0, |at| at + 1)
}

#[test]
fn the_modules_form_no_ring() {
    for folder in CRATES {
        let rings = rings(&Crate::read(folder).graph().by_module());
        assert!(rings.is_empty(), "{folder}: {rings:#?}");
    }
}

#[test]
fn the_files_form_no_ring() {
    for folder in CRATES {
        let rings = rings(&Crate::read(folder).graph());
        assert!(rings.is_empty(), "{folder}: {rings:#?}");
    }
}

#[test]
fn a_layer_uses_those_below_it_alone() {
    let graph = Crate::read("usermgr").graph().by_module();
    let climbs: Vec<_> = graph.edges().filter(|(from, to)| layer(from) != 0 && layer(from) < layer(to)).collect();
    assert!(climbs.is_empty(), "{climbs:?}");
}

/// A `mod` line adds a slice. What the registry repeats of it is written with `UPDATE_EXPECT=1`.
#[test]
fn the_registry_has_every_slice() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../usermgr/src/slices/mod.rs");
    let text = fs::read_to_string(&path).unwrap();
    assert!(registry::declared(&text).len() > 8);
    let completed = registry::completed(&text);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &completed).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == completed, "register the slice with UPDATE_EXPECT=1");
}

/// The public types that cannot grow, each with the reason.
const CLOSED: &[(&str, &str)] = &[
    ("Extent", "a hash covers the whole password or a part of it"),
    ("Fragile", "a profile belongs to its application, which makes it"),
    ("Kind", "it has no public path; the sealed trait of dialects names it"),
    ("Value", "it has no public path; the sealed trait of dialects names it"),
];

#[test]
fn every_public_type_may_grow_without_breaking_programs() {
    let texts: Vec<_> = Crate::read("usermgr").texts().map(|(_, text)| text).collect();
    let mut closed: Vec<_> = texts.iter().flat_map(|text| growth::closed(text.parse().unwrap())).collect();
    closed.sort_unstable();
    assert_eq!(closed, CLOSED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

/// A first program finds its way in a short list. What belongs to a part, or to a theme, is in a module of that name.
#[test]
fn the_root_has_the_names_of_every_day() {
    let sources = Crate::read("usermgr");
    let names = sources.at_the_root();
    assert!(names.contains(&"Engine") && (50..=70).contains(&names.len()), "{}: {names:?}", names.len());
}

/// Code that only some builds have is in few files, so that the others can be read without it.
#[test]
fn few_files_ask_for_the_outbox_or_the_cache() {
    let sources = Crate::read("usermgr");
    for (feature, most) in [("outbox", 6), ("cache", 3)] {
        let asks = |(_, text): &(_, String)| text.contains(&format!("feature = \"{feature}\""));
        let files: Vec<_> = sources.texts().filter(asks).map(|(file, _)| file).collect();
        assert!((1..=most).contains(&files.len()), "{feature}: {files:?}");
    }
}

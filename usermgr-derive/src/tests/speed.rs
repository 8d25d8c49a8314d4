//! How long one expansion takes: reported, but not checked, since machines differ.
//!
//! Cargo builds macros without optimization, in release too, unless it is configured otherwise.

use std::fs;
use std::time::Instant;

use quote::ToTokens;

const HOOKS: usize = 10;

#[test]
#[ignore = "a measurement: CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL=3 cargo test -p usermgr-derive --release -- --ignored --nocapture"]
fn one_expansion() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expand/every_hook.in.rs");
    let mut item: syn::ItemImpl = syn::parse_str(&fs::read_to_string(path).unwrap()).unwrap();
    item.attrs.clear();
    item.items.truncate(HOOKS);
    let (attribute, item) = (quote::quote!(reset_secret = self.secret), item.into_token_stream());
    let mut times: Vec<_> = (0..1_000)
        .map(|_| {
            let (attribute, item) = (attribute.clone(), item.clone());
            let start = Instant::now();
            let output = crate::manager::expand(attribute, item);
            let time = start.elapsed();
            drop(output);
            time
        })
        .collect();
    times.sort();
    println!("a manager with {HOOKS} hooks: median {:?}, slowest {:?}", times[500], times[999]);
}

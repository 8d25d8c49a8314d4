//! The tables of the macro equal what the runtime has: its trait, its settings, its operations, its bounds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quote::{ToTokens, quote};
use syn::{FnArg, Item, ItemTrait, TraitItem, TraitItemFn, parse_quote};

use crate::block::STORES;
use crate::hooks::{HOOKS, HookSpec};
use crate::operations::OPERATIONS;
use crate::settings::{Kind, SETTINGS};
use crate::value::{FIXED_AUDIENCES, LIFETIME_SECONDS, ValueKind};

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../usermgr/src").join(file)).unwrap()
}

fn files(folder: &str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../usermgr/src").join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".rs")).map(move |name| format!("{folder}/{name}"))
}

fn traits(file: &str) -> Vec<ItemTrait> {
    let items = syn::parse_file(&source(file)).unwrap().items.into_iter();
    items.filter_map(|item| if let Item::Trait(item) = item { Some(item) } else { None }).collect()
}

fn methods(item: &ItemTrait) -> impl Iterator<Item = &TraitItemFn> {
    item.items.iter().filter_map(|item| if let TraitItem::Fn(method) = item { Some(method) } else { None })
}

fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

#[test]
fn every_hook_of_the_trait_is_a_row_and_every_row_a_hook() {
    let manager = traits("manager.rs").into_iter().find(|item| item.ident == "UserManager").unwrap();
    let hooks: Vec<_> = methods(&manager).filter(|method| text(&method.sig.output).contains("HookFuture")).collect();
    let known: BTreeSet<String> = hooks.iter().map(|hook| hook.sig.ident.to_string()).collect();
    assert_eq!(known, HOOKS.iter().map(|row| row.name.to_owned()).collect());

    for hook in hooks {
        let row = HookSpec::named(&hook.sig.ident.to_string()).unwrap();
        let written = hook.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(arg) => Some((text(&arg.pat), text(&arg.ty))),
            FnArg::Receiver(_) => None,
        });
        let (lifetime, store) = (parse_quote!('a), quote!(Self::Store));
        let wanted = row
            .all_params()
            .map(|param| (param.name.to_owned(), text(param.wanted(Some(&lifetime), &store)).replace("__um::", "")));
        assert_eq!(written.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{}", row.name);
        let made = row.outcome.made(&store).map(|made| format!(",Option<{}>", text(made).replace("__um::", "")));
        let value = made.unwrap_or_default();
        assert_eq!(text(&hook.sig.output), format!("->HookFuture<'a,{}{value}>", row.outcome.error()), "{}", row.name);
        assert!(hook.attrs.iter().any(|attribute| attribute.path().is_ident("doc")), "{} is documented", row.name);
    }
}

#[test]
fn every_value_among_the_settings_is_a_setter_and_every_setter_a_setting() {
    let source = source("settings.rs");
    let setters = source.split("    setters! {\n").nth(1).unwrap().split("\n    }").next().unwrap();
    let setters = setters.lines().map(str::trim).filter(|line| !line.starts_with("///"));
    let known: BTreeSet<&str> = setters.filter_map(|line| line.split('(').next()).collect();
    let values = SETTINGS.iter().filter(|row| matches!(row.kind, Kind::Value(_)));
    assert_eq!(known, values.map(|row| row.name).collect());
}

#[test]
fn every_default_of_an_audience_is_that_of_the_runtime() {
    let purposes = source("token/mod.rs");
    for row in SETTINGS {
        let (Some(default), Some(setting)) = (row.default, row.name.strip_suffix("_audience")) else { continue };
        assert_eq!(default, format!("usermgr:{setting}"), "{}", row.name);
        assert!(purposes.contains(&format!("\"{setting}\"")), "no purpose is named `{setting}`");
    }
}

/// The rows of the purposes whose tokens have an audience, by the name that their settings begin with.
fn issued() -> Vec<(String, String)> {
    let source = source("token/issuer.rs");
    let rows = source.split("\nissued! {\n").nth(1).unwrap().split("\n}").next().unwrap();
    let row = |line: &str| {
        let (head, rest) = line.split_once(": ").unwrap();
        (head.split(" as ").nth(1).unwrap().to_owned(), rest.trim_end_matches(';').to_owned())
    };
    rows.lines().map(row).collect()
}

#[test]
fn every_audience_is_a_setting_or_a_fixed_one() {
    let known: BTreeSet<String> = issued().into_iter().map(|(name, _)| format!("usermgr:{name}")).collect();
    let settings = SETTINGS.iter().filter_map(|row| row.default);
    assert_eq!(known, settings.chain(FIXED_AUDIENCES.map(|(fixed, _)| fixed)).map(str::to_owned).collect());
}

#[test]
fn every_maximum_of_a_lifetime_is_that_of_the_runtime() {
    let issued = issued();
    for row in SETTINGS {
        let Kind::Value(ValueKind::Lifetime { longest }) = row.kind else { continue };
        let (_, terms) = issued.iter().find(|(name, _)| row.name == format!("{name}_lifetime")).unwrap();
        let known = terms.split_once(" at most ").map_or(LIFETIME_SECONDS, |(_, seconds)| seconds.parse().unwrap());
        assert_eq!(longest, known, "{}", row.name);
    }
}

#[test]
fn every_trait_of_a_store_is_known() {
    let all = files("store").chain(files("store/credential")).flat_map(|file| traits(&file));
    let is_known = |bounds: &str| STORES.contains(&bounds);
    let stores = all.filter(|item| item.ident == "UserStore" || is_known(&text(&item.supertraits)));
    let known: BTreeSet<String> = stores.map(|item| item.ident.to_string()).collect();
    assert_eq!(known, STORES.map(str::to_owned).into_iter().collect());
}

#[test]
fn every_operation_is_reserved() {
    let public = files("slices/index")
        .flat_map(|file| traits(&file))
        .filter(|item| matches!(item.vis, syn::Visibility::Public(_)));
    let known: BTreeSet<String> =
        public.flat_map(|item| methods(&item).map(|method| method.sig.ident.to_string()).collect::<Vec<_>>()).collect();
    assert_eq!(known, OPERATIONS.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn the_bounds_are_those_of_the_runtime() {
    assert!(source("secret.rs").contains(&format!("MIN_BYTES: usize = {};", crate::value::SECRET_BYTES)));
    assert!(source("settings.rs").contains("MAX_LIFETIME: u64 = u32::MAX as u64;"));
    assert_eq!(LIFETIME_SECONDS, u64::from(u32::MAX));
}

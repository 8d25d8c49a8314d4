//! What the macros write, kept under `tests/expand`: `<case>.in.rs` goes in, `<case>.out.rs` comes out, formatted.
//!
//! `UPDATE_EXPECT=1 cargo test -p usermgr-derive` rewrites the expected files.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, File, ImplItem, Item, Meta, Stmt};

use super::{errors, flat};
use crate::hooks::HOOKS;

/// Budget of generated lines: for every manager, for every hook, for every hook of which the runtime learns that it is written, and for
/// every constant among the settings.
const FIXED_LINES: usize = 31;
const HOOK_LINES: usize = 13;
const NOTE_LINES: usize = 3;
const CONSTANT_LINES: usize = 5;

fn cases() -> Vec<(PathBuf, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let mut inputs: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".in.rs"))
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 12, "a dozen shapes");
    inputs
        .into_iter()
        .map(|path| (path.clone(), syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap()))
        .collect()
}

fn expand(item: &Item) -> TokenStream {
    match item {
        Item::Impl(item) => {
            let mut item = item.clone();
            let macro_at = item.attrs.iter().position(|attribute| attribute.path().is_ident("user_manager")).unwrap();
            let attribute: Attribute = item.attrs.remove(macro_at);
            let settings = match attribute.meta {
                Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            crate::manager::expand(settings, item.into_token_stream())
        }
        Item::Struct(item) => crate::profile::expand(item.to_token_stream()),
        Item::Enum(item) if item.attrs.iter().any(|attribute| attribute.path().is_ident("roles")) => {
            crate::permissions::roles(item.to_token_stream())
        }
        Item::Enum(item) => crate::permissions::permission(item.to_token_stream()),
        _ => panic!("no item that a macro takes"),
    }
}

fn expanded(file: &File) -> File {
    let output: TokenStream = file.items.iter().map(expand).collect();
    assert_eq!(errors(output.clone()), [""; 0]);
    syn::parse2(output).unwrap()
}

#[test]
fn the_output_is_the_expected_one() {
    for (input, file) in cases() {
        let expected = PathBuf::from(input.to_str().unwrap().replace(".in.rs", ".out.rs"));
        let output = prettyplease::unparse(&expanded(&file));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &output).unwrap();
        }
        let known = fs::read_to_string(&expected).unwrap_or_default();
        assert!(known == output, "{} differs; look at it with UPDATE_EXPECT=1 and git diff", expected.display());
    }
}

/// Editors show the documentation of the function. Its examples need the runtime, which compiles them from its own file.
#[test]
fn the_documentation_of_the_attribute_is_that_whose_examples_are_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = syn::parse_file(&fs::read_to_string(root.join("src/lib.rs")).unwrap()).unwrap();
    let function = source.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "user_manager" => Some(function),
        _ => None,
    });
    let lines = function.unwrap().attrs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => {
            let line = syn::parse2::<syn::LitStr>(doc.value.to_token_stream()).unwrap().value();
            Some(format!("{}\n", line.strip_prefix(' ').unwrap_or(&line)))
        }
        _ => None,
    });
    let (text, expected) = (lines.collect::<String>(), root.join("docs/user_manager.md"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &text).unwrap();
    }
    assert!(fs::read_to_string(&expected).unwrap_or_default() == text, "update it with UPDATE_EXPECT=1");
}

#[test]
fn the_default_crate_is_not_named_when_another_is_given() {
    for (input, file) in cases().into_iter().filter(|(_, file)| file.to_token_stream().to_string().contains("crate ="))
    {
        let output = expanded(&file).to_token_stream();
        assert!(!flat(output).iter().any(|token| token == "usermgr"), "{}", input.display());
    }
}

#[test]
fn x15_the_output_has_no_unsafe_and_panics_nowhere() {
    const FORBIDDEN: [&str; 9] =
        ["unsafe", "panic", "unwrap", "expect", "todo", "unimplemented", "unreachable", "assert", "unwrap_unchecked"];
    for (input, file) in cases() {
        let mut output = expanded(&file);
        // The user's code is unchanged.
        output.items.remove(0);
        let tokens = flat(output.to_token_stream());
        for word in FORBIDDEN {
            assert!(!tokens.iter().any(|token| token == word), "{word} in {}", input.display());
        }
    }
}

#[test]
fn the_output_keeps_to_its_budget() {
    for (input, file) in cases().iter().filter(|(_, file)| matches!(file.items[..], [Item::Impl(_)])) {
        let mut output = expanded(file);
        // The user's own block costs nothing.
        output.items.remove(0);
        let lines = prettyplease::unparse(&output).lines().count();
        let budget = FIXED_LINES + output.items.iter().map(allowance).sum::<usize>();
        println!("{}: {lines} lines of {budget}", input.file_stem().unwrap().display());
        assert!(lines <= budget, "{}: {lines} lines, budget {budget}", input.display());
    }
}

fn allowance(item: &Item) -> usize {
    let Item::Const(item) = item else { return 0 };
    let Expr::Block(block) = &*item.expr else { return 0 };
    let is_hook = |item: &&ImplItem| matches!(item, ImplItem::Fn(method) if !method.sig.generics.params.is_empty());
    let is_note = |item: &&ImplItem| {
        let notes = |name: &str| HOOKS.iter().any(|spec| spec.noted() == Some(name));
        matches!(item, ImplItem::Fn(method) if notes(&method.sig.ident.to_string()))
    };
    let inner = block.block.stmts.iter().map(|statement| match statement {
        Stmt::Item(Item::Impl(item)) => {
            let count = |of: &dyn Fn(&&ImplItem) -> bool| item.items.iter().filter(|item| of(item)).count();
            HOOK_LINES * count(&is_hook) + NOTE_LINES * count(&is_note)
        }
        Stmt::Item(Item::Const(_)) => CONSTANT_LINES,
        _ => 0,
    });
    inner.sum()
}

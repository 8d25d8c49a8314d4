//! Tests of the macros as functions over tokens: their output, their messages, and what they never do.

mod hooks;
mod managers;
mod permissions;
mod profiles;
mod resilience;
mod settings;
mod snapshots;
mod speed;
mod tables;

use proc_macro2::{TokenStream, TokenTree};

/// The texts of all `compile_error!` calls in an output.
fn errors(output: TokenStream) -> Vec<String> {
    let mut trees = output.into_iter().peekable();
    let mut found = Vec::new();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(ident) if ident == "compile_error" => {
                trees.next();
                let Some(TokenTree::Group(text)) = trees.next() else { panic!("no text") };
                found.push(syn::parse2::<syn::LitStr>(text.stream()).unwrap().value());
            }
            TokenTree::Group(group) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}

/// Every token as text, groups opened.
fn flat(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Group(group) => {
                let empty = proc_macro2::Group::new(group.delimiter(), TokenStream::new()).to_string();
                let (open, close) = empty.split_at(empty.len() / 2);
                let mut tokens = vec![open.trim().to_owned()];
                tokens.extend(flat(group.stream()));
                tokens.push(close.trim().to_owned());
                tokens
            }
            other => vec![other.to_string()],
        })
        .collect()
}

//! What is being typed goes in, and what rust-analyzer needs to complete it comes out: items with the names that it may become.
//!
//! A name in an attribute, or after `fn`, is not a path. A name that is not valid as it is, is therefore repeated in a place where it
//! is a path, beside every name that it may become. Nothing else is repeated, and the compiler never sees it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::hooks::HOOKS;
use crate::settings::{Kind, SETTINGS};

/// The names that are not those of settings or of hooks.
#[derive(Default)]
pub(crate) struct Hints {
    pub(crate) settings: Vec<Ident>,
    pub(crate) hooks: Vec<Ident>,
}

impl Hints {
    // Output: const _: () = { #[cfg(rust_analyzer)] mod hooks { pub fn on_after_register() {} .. use self::{on_after_re as _}; } };
    pub(crate) fn into_tokens(self) -> TokenStream {
        let settings = SETTINGS.iter().filter(|row| row.kind != Kind::Crate).map(|row| (row.name, row.usage()));
        let settings = module("settings", settings, &self.settings);
        let hooks = module("hooks", HOOKS.iter().map(|row| (row.name, row.signature())), &self.hooks);
        match settings.is_none() && hooks.is_none() {
            true => TokenStream::new(),
            // Cargo does not declare this condition to the compiler, which would warn about it.
            false => quote!(#[allow(unexpected_cfgs)] const _: () = { #settings #hooks };),
        }
    }
}

/// The names, and beside them the written ones, if they can be names.
fn module(name: &str, known: impl Iterator<Item = (&'static str, String)>, written: &[Ident]) -> Option<TokenStream> {
    let mut written = written.iter().filter(|ident| syn::parse2::<Ident>(ident.to_token_stream()).is_ok()).peekable();
    written.peek()?;
    let name = format_ident!("{name}");
    let items = known.map(|(name, shown)| {
        let (name, doc) = (format_ident!("{name}"), format!("`{shown}`"));
        quote!(#[doc = #doc] pub fn #name() {})
    });
    Some(quote!(#[cfg(rust_analyzer)] mod #name { #(#items)* use self::{#(#written as _),*}; }))
}

//! The shape that permissions and roles share: an item goes in, the variants of an enum without fields and parameters come out.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Data, DeriveInput, Expr, Fields, Meta, MetaNameValue, Variant};

use darling::ast::NestedMeta;

use crate::crate_path::CratePath;
use crate::errors::{Errors, Message};

/// What an enum is of.
pub(super) struct Kind {
    /// "permission"
    pub(super) one: &'static str,
    /// "permissions"
    pub(super) many: &'static str,
    /// An enum of this kind.
    pub(super) example: &'static str,
}

/// The variants of the enum; `None` if the item is something else. Those that have fields are reported, and are among them.
pub(super) fn variants<'a>(input: &'a DeriveInput, kind: &Kind, errors: &mut Errors) -> Option<Vec<&'a Variant>> {
    let Kind { one, many, example } = kind;
    let (token, found): (TokenStream, _) = match &input.data {
        Data::Enum(data) => {
            for variant in data.variants.iter().filter(|variant| !matches!(variant.fields, Fields::Unit)) {
                let message = Message::new(format!("the {one} `{}` has fields", variant.ident));
                let help = format!("write `{}` alone", variant.ident);
                errors.at(
                    &variant.fields,
                    message.help(help).note(format!("a {one} is a name; values belong elsewhere")),
                );
            }
            if !input.generics.params.is_empty() {
                let message = Message::new(format!("an enum of {many} must not be generic"));
                errors.at(&input.generics, message.help("remove the parameters"));
            }
            return Some(data.variants.iter().collect());
        }
        Data::Struct(data) => (data.struct_token.to_token_stream(), "a struct"),
        Data::Union(data) => (data.union_token.to_token_stream(), "a union"),
    };
    let message = Message::new(format!("{many} must be an enum, found {found}"));
    errors.at(&token, message.help(format!("write `{example}`")).note(format!("each variant is one {one}")));
    None
}

/// The value of `name = value`, if a word is one of this name.
pub(super) fn value<'a>(word: &'a NestedMeta, name: &str) -> Option<&'a Expr> {
    match word {
        NestedMeta::Meta(Meta::NameValue(MetaNameValue { path, value, .. })) if path.is_ident(name) => Some(value),
        _ => None,
    }
}

/// Takes `crate = path` out of the words on an enum.
pub(super) fn crate_path(words: &mut Vec<NestedMeta>, errors: &mut Errors) -> CratePath {
    let mut path = None;
    words.retain(|word| match value(word, "crate") {
        Some(written) => {
            path = CratePath::check(written, errors);
            false
        }
        None => true,
    });
    path.unwrap_or_default()
}

/// Reports attributes of the derive where they mean nothing: on the fields of variants.
pub(super) fn refuse_on_fields(variants: &[&Variant], name: &str, kind: &Kind, errors: &mut Errors) {
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    for attribute in fields.flat_map(|field| crate::words::named(&field.attrs, name)) {
        let message = Message::new(format!("`#[{name}]` belongs on a variant, found it on a field"));
        errors.at(attribute, message.help(format!("write it above the {}", kind.one)));
    }
}

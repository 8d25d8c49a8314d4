//! One field of a profile: the user's field goes in, what the payloads do with it comes out.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;

use super::RESERVED;
use super::serde_attributes::{Container, FieldWords};
use super::words;
use crate::errors::{Errors, Message, listed};

pub(super) struct Field<'a> {
    pub(super) field: &'a syn::Field,
    pub(super) ident: &'a Ident,
    pub(super) serde: FieldWords,
    /// Clients can neither send nor change it.
    pub(super) server: bool,
}

impl<'a> Field<'a> {
    pub(super) fn read(field: &'a syn::Field, container: &Container, errors: &mut Errors) -> Option<Self> {
        // Only a tuple field has no name, and those were refused.
        let ident = field.ident.as_ref()?;
        let serde = FieldWords::read(&field.attrs, errors);
        let server = words::field(&field.attrs, errors) || serde.left_out;
        check_names(ident, &serde, container, errors);
        if let Some(number) = unsupported(field.ty.to_token_stream()) {
            let message = Message::new(format!("a profile cannot hold `{number}`"));
            errors.at(
                &number,
                message
                    .help(format!("use `{}`, or a string", number.to_string().replace("128", "64")))
                    .note("serde cannot carry 128-bit integers through a flattened object"),
            );
        }
        Some(Field { field, ident, serde, server })
    }
}

fn check_names(ident: &Ident, serde: &FieldWords, container: &Container, errors: &mut Errors) {
    let mut refuse = |span: Span, name: &str, help: &str| {
        let message = Message::new(format!("`{name}` is a field of every user and cannot be a profile field"));
        errors.at_span(
            span,
            message.help(help).note(format!("the reserved names are {}", listed(RESERVED.iter().copied()))),
        );
    };
    let name = ident.unraw().to_string();
    let written = container.written(&name);
    if RESERVED.contains(&name.as_str()) {
        refuse(ident.span(), &name, "choose another name");
    } else if !serde.renamed && RESERVED.contains(&written.as_str()) {
        refuse(ident.span(), &written, "choose another name; `rename_all` makes this one reserved");
    }
    for text in &serde.names {
        if RESERVED.contains(&text.value().as_str()) {
            refuse(text.span(), &text.value(), "choose another name");
        }
    }
}

/// The first 128-bit integer anywhere in the type.
fn unsupported(ty: TokenStream) -> Option<Ident> {
    ty.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) => (ident == "i128" || ident == "u128").then_some(ident),
        TokenTree::Group(group) => unsupported(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

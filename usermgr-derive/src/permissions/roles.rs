//! `#[derive(Roles)]`: an enum goes in; its trait, with what each role grants, comes out.

use darling::ast::NestedMeta;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{DeriveInput, Expr, ExprLit, Fields, Lit, Meta, Path, Variant};

use super::names::{self, Name};
use super::variants::{Kind, crate_path, refuse_on_fields, value, variants};
use crate::crate_path::CratePath;
use crate::errors::{Errors, Message};
use crate::suggest::closest;
use crate::value::peel;
use crate::words::{name, named, words};

const ROLES: Kind = Kind {
    one: "role",
    many: "roles",
    example: "#[roles(Can)] enum Role { #[role(OrdersRead)] Clerk, #[role(all)] Owner }",
};

/// A role: its name and what it grants.
struct Role<'a> {
    variant: &'a Variant,
    name: Name,
    grants: Grants,
}

/// What a role grants.
enum Grants {
    All,
    These(Vec<Ident>),
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let output = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => derive(&input, &mut errors),
        Err(error) => {
            errors.absorb(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#output #errors)
}

fn derive(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let (krate, permissions) = on_the_enum(input, errors);
    let Some(variants) = variants(input, &ROLES, errors) else { return TokenStream::new() };
    refuse_on_fields(&variants, "role", &ROLES, errors);
    let roles: Vec<Role<'_>> = variants.into_iter().map(|variant| on_a_variant(variant, errors)).collect();
    names::check(roles.iter().map(|role| (&role.variant.ident, &role.name)), "role", form, errors);
    match (permissions, input.generics.params.is_empty()) {
        (Some(permissions), true) => emit(input, &krate, &permissions, &roles),
        _ => TokenStream::new(),
    }
}

fn form(name: &str) -> String {
    format!("#[role(name = \"{name}\", ..)]")
}

/// The words on the enum: where the runtime is, and the enum of the permissions.
fn on_the_enum(input: &DeriveInput, errors: &mut Errors) -> (CratePath, Option<Path>) {
    const EXAMPLE: &str = "#[roles(Can)]";
    let is_bare = named(&input.attrs, "roles").any(|attribute| !matches!(attribute.meta, Meta::List(_)));
    let mut words = words(&input.attrs, "roles", || EXAMPLE.to_owned(), errors);
    let krate = crate_path(&mut words, errors);
    let mut permissions = None;
    for word in &words {
        match word {
            NestedMeta::Meta(Meta::Path(path)) if permissions.is_none() => permissions = Some(path.clone()),
            NestedMeta::Meta(Meta::Path(_)) => {
                let message = Message::new("roles grant the permissions of one enum, found a second one");
                errors.at(word, message.help("remove it"));
            }
            NestedMeta::Lit(Lit::Str(text)) => {
                let message = Message::new("expected the enum of the permissions, found a string");
                errors.at(word, message.help(format!("remove the quotes: `#[roles({})]`", text.value())));
                permissions = permissions.or_else(|| text.parse().ok());
            }
            _ => {
                let message = Message::new(format!("unknown word `{}` on an enum of roles", name(word)));
                errors.at(word, message.help(format!("write the enum of the permissions: `{EXAMPLE}`")));
            }
        }
    }
    if permissions.is_none() && words.is_empty() && !is_bare {
        let message = Message::new(format!("`{}` does not say which permissions its roles grant", input.ident));
        errors.at(&input.ident, message.help(format!("add `{EXAMPLE}`, with the enum that derives `Permission`")));
    }
    (krate, permissions)
}

/// What a variant says. A mistake in it grants nothing.
fn on_a_variant<'a>(variant: &'a Variant, errors: &mut Errors) -> Role<'a> {
    if named(&variant.attrs, "role").next().is_none() {
        let message = Message::new(format!("the role `{}` does not say what it grants", variant.ident));
        errors.at(
            &variant.ident,
            message.help("add `#[role(..)]` with permissions, `#[role(all)]` for all of them, or `#[role()]` for none"),
        );
    }
    let (mut all, mut granted, mut written): (Option<NestedMeta>, Vec<Ident>, Option<Name>) = (None, Vec::new(), None);
    for word in words(&variant.attrs, "role", || "#[role(..)]".to_owned(), errors) {
        match &word {
            NestedMeta::Meta(Meta::Path(path)) => match path.get_ident() {
                Some(ident) if ident == "all" && all.is_none() => all = Some(word),
                Some(ident) if ident == "all" || granted.contains(ident) => {
                    let message = Message::new(format!("`{ident}` is given twice"));
                    errors.at(&word, message.help("remove one of the two"));
                }
                Some(ident) => granted.push(ident.clone()),
                None => refuse_path(path, errors),
            },
            NestedMeta::Meta(Meta::NameValue(_)) | NestedMeta::NameValueInvalidExpr(_) => {
                read_name(&word, &mut written, errors);
            }
            NestedMeta::Lit(lit) => {
                let message = Message::new("expected the variant of a permission, found a literal");
                errors.at(
                    lit,
                    message.help(
                        "write the variant, as in `#[role(OrdersRead)]`, or `name = \"..\"` for the name of the role",
                    ),
                );
            }
            NestedMeta::Meta(Meta::List(list)) => {
                let message = Message::new(format!("`{}` takes no words", name(&word)));
                errors.at(list, message.help(format!("write `{}` alone", name(&word))));
            }
        }
    }
    let name = written.unwrap_or_else(|| Name::of_variant(&variant.ident));
    let Some(word) = all else { return Role { variant, name, grants: Grants::These(granted) } };
    if let Some(first) = granted.first() {
        let message = Message::new(format!("`all` grants `{first}` too"));
        errors.at(&word, message.help(format!("write `#[role(all)]`, or leave `all` out and grant `{first}` alone")));
    }
    Role { variant, name, grants: Grants::All }
}

/// A variant with the path to it.
fn refuse_path(path: &Path, errors: &mut Errors) {
    let variant = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    let message = Message::new("expected the variant of a permission, found a path");
    errors.at(path, message.help(format!("write the variant alone: `{variant}`")));
}

fn read_name(word: &NestedMeta, written: &mut Option<Name>, errors: &mut Errors) {
    let key = name(word);
    // Of a value that is no expression, the name is all that there is.
    let key = key.split('=').next().unwrap_or_default();
    let Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = value(word, key).map(peel) else {
        let message = Message::new(format!("`{key}` must be a string"));
        errors.at(word, message.help("write `name = \"clerk\"`"));
        return;
    };
    match key {
        "name" if written.is_none() => *written = Some(Name::written(text)),
        "name" => errors.at(word, Message::new("`name` is given twice").help("remove one of the two")),
        other => {
            let message = Message::new(format!("unknown word `{other}` on a role"));
            let help = match closest(other, ["name"]) {
                Some(meant) => format!("a word with a similar name exists: `{meant}`"),
                None => "the words are variants of the permissions, `all`, and `name = \"..\"`".to_owned(),
            };
            errors.at(word, message.help(help));
        }
    }
}

// Output: impl ::usermgr::permissions::Roles for Role { .. }
fn emit(input: &DeriveInput, krate: &CratePath, permissions: &Path, roles: &[Role<'_>]) -> TokenStream {
    let (name, private) = (&input.ident, krate.private());
    let fieldless = roles.iter().filter(|role| matches!(role.variant.fields, Fields::Unit));
    let all = fieldless.map(|role| &role.variant.ident);
    let idents: Vec<_> = roles.iter().map(|role| &role.variant.ident).collect();
    let texts = roles.iter().map(|role| &role.name.text);
    let grants = roles.iter().map(|role| match &role.grants {
        Grants::All => quote!(#private::all::<Self>()),
        Grants::These(none) if none.is_empty() => quote!(#krate::permissions::Permissions::none()),
        // `Can::OrdersRead`, so that the compiler itself reports an unknown variant at its place, with a similar one.
        Grants::These(granted) => quote!(#private::these::<Self, _>([#(#permissions::#granted),*])),
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::permissions::Roles for #name {
            type Permission = #permissions;
            const ALL: &'static [Self] = &[#(Self::#all),*];
            fn name(self) -> &'static str { match self { #(Self::#idents { .. } => #texts),* } }
            fn grants(self) -> #krate::permissions::Permissions<#permissions> { match self { #(Self::#idents { .. } => #grants),* } }
        }
    }
}

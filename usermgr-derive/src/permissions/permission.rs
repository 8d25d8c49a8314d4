//! `#[derive(Permission)]`: an enum goes in; its trait, and a module with one type for each variant, come out.

use darling::ast::NestedMeta;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Expr, ExprLit, Fields, Lit, Meta, Variant};

use super::names::{self, Name, snake};
use super::variants::{Kind, crate_path, refuse_on_fields, value, variants};
use crate::crate_path::CratePath;
use crate::errors::{Errors, Message};
use crate::words::{name, words};

/// A set is one integer of this many bits.
const MOST: usize = 128;

const PERMISSIONS: Kind =
    Kind { one: "permission", many: "permissions", example: "enum Can { OrdersRead, OrdersWrite }" };

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
    let krate = on_the_enum(&input.attrs, errors);
    let Some(variants) = variants(input, &PERMISSIONS, errors) else { return unusable(input, &krate) };
    refuse_on_fields(&variants, "permission", &PERMISSIONS, errors);
    let names: Vec<Name> = variants.iter().map(|variant| on_a_variant(variant, errors)).collect();
    names::check(variants.iter().map(|variant| &variant.ident).zip(&names), "permission", form, errors);
    if let Some(first) = variants.get(MOST) {
        let message = Message::new(format!("an enum has at most {MOST} permissions, found {}", variants.len()));
        errors.at(&first.ident, message.help("join permissions that are always granted together"));
    }
    let module = module(&input.ident, errors);
    match input.generics.params.is_empty() {
        true => emit(input, &krate, module.as_ref(), &variants, &names),
        false => TokenStream::new(),
    }
}

fn form(name: &str) -> String {
    format!("#[permission(\"{name}\")]")
}

/// The words on the enum: where the runtime is.
fn on_the_enum(attributes: &[Attribute], errors: &mut Errors) -> CratePath {
    let mut words = words(attributes, "permission", || "#[permission(crate = ::usermgr)]".to_owned(), errors);
    let krate = crate_path(&mut words, errors);
    for word in &words {
        let (message, help) = match word {
            NestedMeta::Lit(Lit::Str(_)) => {
                ("a name belongs to a variant, found one on the enum".to_owned(), "write it above the variant")
            }
            _ => (
                format!("unknown word `{}` on an enum of permissions", name(word)),
                "the only word here is `crate`: `#[permission(crate = ::usermgr)]`",
            ),
        };
        errors.at(word, Message::new(message).help(help));
    }
    krate
}

/// The name of a variant. A mistake in it counts as the name that was meant.
fn on_a_variant(variant: &Variant, errors: &mut Errors) -> Name {
    let own = Name::of_variant(&variant.ident);
    let mut found = None;
    for word in words(&variant.attrs, "permission", || form(&own.text), errors) {
        match &word {
            NestedMeta::Lit(Lit::Str(text)) if found.is_none() => found = Some(Name::written(text)),
            NestedMeta::Lit(Lit::Str(_)) => {
                let message = Message::new(format!("the permission `{}` has two names", variant.ident));
                errors.at(&word, message.help("remove one of the two"));
            }
            NestedMeta::Meta(Meta::NameValue(_)) if name(&word) == "crate" => {
                let message = Message::new("`crate` belongs to the enum, found it on a variant");
                errors.at(&word, message.help("write `#[permission(crate = ..)]` above the enum"));
            }
            _ => {
                let meant = match value(&word, "name") {
                    Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => text.value(),
                    _ => name(&word),
                };
                let message = Message::new("expected the name of the permission in quotes");
                errors.at(&word, message.help(format!("write `{}`", form(&meant))));
            }
        }
    }
    found.unwrap_or(own)
}

/// The name of the module.
fn module(name: &Ident, errors: &mut Errors) -> Option<Ident> {
    let text = name.unraw().to_string();
    let module = snake(&text);
    if module == text {
        let message = Message::new(format!("the enum `{text}` and the module that is made for it have the same name"));
        errors.at(name, message.help("begin the name of the enum with a capital letter"));
        return None;
    }
    if ["crate", "self", "super"].contains(&module.as_str()) {
        let message = Message::new(format!("the enum `{text}` would have the module `{module}`, which is a keyword"));
        errors.at(name, message.help("choose another name, such as `Can`"));
        return None;
    }
    match syn::parse_str::<Ident>(&module) {
        Ok(_) => Some(format_ident!("{module}", span = name.span())),
        Err(_) => Some(Ident::new_raw(&module, name.span())),
    }
}

/// For an item that is no enum: the trait is implemented, so that only the mistake itself is reported.
fn unusable(input: &DeriveInput, krate: &CratePath) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (name, private) = (&input.ident, krate.private());
    quote! {
        #[automatically_derived]
        impl #krate::permissions::Permission for #name {
            const ALL: &'static [Self] = &[];
            fn name(self) -> &'static str { ::core::unreachable!() }
            fn place(self) -> #private::Place { ::core::unreachable!() }
        }
    }
}

// Output: impl ::usermgr::permissions::Permission for Can { .. } mod can { pub enum OrdersRead {} .. } impl Needs<Can> for can::OrdersRead { .. }
fn emit(
    input: &DeriveInput,
    krate: &CratePath,
    module: Option<&Ident>,
    variants: &[&Variant],
    names: &[Name],
) -> TokenStream {
    let (name, vis, private) = (&input.ident, &input.vis, krate.private());
    // A variant with fields was refused. It cannot be in a constant.
    let all = variants.iter().filter(|variant| matches!(variant.fields, Fields::Unit)).map(|variant| &variant.ident);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let texts = names.iter().map(|name| &name.text);
    let places: Vec<u8> = (0..MOST as u8).cycle().take(idents.len()).collect();
    let types = module.map(|module| {
        let docs = variants.iter().map(|variant| {
            let docs: Vec<_> = crate::words::named(&variant.attrs, "doc").collect();
            // An empty line separates what the user writes from what follows.
            let end = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
            quote!(#(#docs)* #end)
        });
        let named = names.iter().map(|name| format!(" The permission `{}`, for `Requires`.", name.text));
        let doc = format!(" A type for each permission of [`{name}`], which handlers name in `Requires`.");
        quote! {
            #[doc = #doc]
            #[allow(dead_code, unreachable_pub)]
            #vis mod #module {
                #(#docs #[doc = #named] pub enum #idents {})*
            }
            #(
                #[automatically_derived]
                impl #krate::permissions::Needs<#name> for #module::#idents {
                    const NEEDED: #krate::permissions::Permissions<#name> = #private::permission(#places);
                }
            )*
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::permissions::Permission for #name {
            const ALL: &'static [Self] = &[#(Self::#all),*];
            fn name(self) -> &'static str { match self { #(Self::#idents { .. } => #texts),* } }
            fn place(self) -> #private::Place { match self { #(Self::#idents { .. } => #private::Place::new(#places)),* } }
        }
        #types
    }
}

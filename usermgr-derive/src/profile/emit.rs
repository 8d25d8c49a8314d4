//! The output of `#[derive(Profile)]`: a checked profile goes in, two payload structs and the implementation come out.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use super::Profile;
use super::field::Field;

pub(super) struct Expansion;

impl Expansion {
    // Output: struct CustomerRegister { .. } struct CustomerUpdate { .. } impl ::usermgr::Profile for Customer { .. }
    pub(super) fn of(profile: &Profile<'_>) -> TokenStream {
        let create = profile.fields.iter().map(|Field { field, ident, serde: _, server }| {
            let ty = &field.ty;
            match server {
                true => quote!(#ident: <#ty as ::core::default::Default>::default()),
                false => quote!(#ident: input.#ident),
            }
        });
        let apply = sent(profile).map(|Field { ident, .. }| {
            quote!(if let ::core::option::Option::Some(value) = update.#ident { self.#ident = value; })
        });
        let items = payloads(profile);
        let implementation = implementation(profile, quote!(Self { #(#create),* }), quote!(#(#apply)*));
        quote!(#items #implementation)
    }

    /// For an item no payload can be made from: the trait is implemented, so that only the mistake itself is reported.
    pub(super) fn unusable(profile: &Profile<'_>) -> TokenStream {
        if !profile.input.generics.params.is_empty() {
            return TokenStream::new();
        }
        let items = payloads(profile);
        let implementation = implementation(profile, quote!(::core::unreachable!()), TokenStream::new());
        quote!(#items #implementation)
    }
}

/// The fields a client may send.
fn sent<'a>(profile: &'a Profile<'_>) -> impl Iterator<Item = &'a Field<'a>> + Clone {
    profile.fields.iter().filter(|field| !field.server)
}

fn payloads(profile: &Profile<'_>) -> TokenStream {
    let (name, vis) = (&profile.input.ident, &profile.input.vis);
    let (register, update) = (profile.register(), profile.update());
    let private = profile.krate.private();
    let serde = format!("{}::__private::serde", profile.krate.to_token_stream()).replace(' ', "");
    let rename_all = profile.container.rename_all.iter();
    let container = quote!(#[serde(crate = #serde #(, #rename_all)*)]);
    let register_doc = format!(" What a client may send when registering with a [`{name}`].");
    let update_doc = format!(" What a client may change of a [`{name}`]; what is `None` stays as it is.");
    let register_fields = sent(profile).map(register_field);
    let update_fields = sent(profile).map(|field| update_field(field, &update, &private.to_string().replace(' ', "")));
    let readers = readers(profile, &update);
    quote! {
        #[doc = #register_doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, #private::serde::Deserialize)]
        #[allow(deprecated, missing_docs, unreachable_pub)]
        #container
        #vis struct #register { #(#register_fields),* }

        #[doc = #update_doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::default::Default, #private::serde::Deserialize)]
        #[allow(deprecated, missing_docs, unreachable_pub)]
        #container
        #vis struct #update { #(#update_fields),* }

        #readers
    }
}

fn register_field(Field { field, ident, serde, server: _ }: &Field<'_>) -> TokenStream {
    let syn::Field { vis, ty, .. } = field;
    let docs = docs(field);
    let words: Vec<_> = serde.both.iter().chain(&serde.register).collect();
    let words = (!words.is_empty()).then(|| quote!(#[serde(#(#words),*)]));
    quote!(#(#docs)* #words #vis #ident: #ty)
}

fn update_field(field: &Field<'_>, update: &Ident, private: &str) -> TokenStream {
    let Field { field, ident, serde, server: _ } = field;
    let syn::Field { vis, ty, .. } = field;
    let docs = docs(field);
    let reader = match serde.reader {
        Some(_) => format!("{update}::{}", reader_name(ident)),
        None => format!("{private}::present"),
    };
    let both = &serde.both;
    quote! {
        #(#docs)*
        #[serde(#(#both,)* default, deserialize_with = #reader)]
        #vis #ident: ::core::option::Option<#ty>
    }
}

// A field with a reader of its own keeps it: in an update, what it reads is present.
fn readers(profile: &Profile<'_>, update: &Ident) -> Option<TokenStream> {
    let private = profile.krate.private();
    let functions: Vec<TokenStream> = sent(profile)
        .filter_map(|Field { field, ident, serde, server: _ }| {
            let reader = serde.reader.as_ref()?;
            let (name, ty) = (reader_name(ident), &field.ty);
            Some(quote! {
                fn #name<'de, D: #private::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::core::result::Result<::core::option::Option<#ty>, D::Error> {
                    #reader(deserializer).map(::core::option::Option::Some)
                }
            })
        })
        .collect();
    (!functions.is_empty()).then(|| quote!(impl #update { #(#functions)* }))
}

fn reader_name(ident: &Ident) -> Ident {
    format_ident!("__read_{}", ident.unraw())
}

fn implementation(profile: &Profile<'_>, create: TokenStream, apply: TokenStream) -> TokenStream {
    let (name, krate) = (&profile.input.ident, &profile.krate);
    let (register, update) = (profile.register(), profile.update());
    quote! {
        #[automatically_derived]
        #[allow(deprecated, unused_variables)]
        impl #krate::Profile for #name {
            type Register = #register;
            type Update = #update;
            fn create(input: #register) -> Self { #create }
            fn apply(&mut self, update: #update) { #apply }
        }
    }
}

fn docs(field: &syn::Field) -> impl Iterator<Item = &syn::Attribute> {
    field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"))
}

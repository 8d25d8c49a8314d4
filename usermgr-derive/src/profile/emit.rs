//! The output of `#[derive(Profile)]`: a checked profile goes in, two or three payload structs and the implementation come out.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Attribute;
use syn::ext::IdentExt;

use super::checked::Profile;
use super::field::Field;
use super::serde_attributes::FieldWords;

pub(super) struct Expansion;

impl Expansion {
    // Output: struct CustomerRegister { .. } struct CustomerUpdate { .. } struct CustomerAdminUpdate { .. } impl ::usermgr::Profile for Customer { .. }
    pub(super) fn of(profile: &Profile<'_>) -> TokenStream {
        let create = profile.fields.iter().map(|field| {
            let Field { field: syn::Field { ty, .. }, ident, .. } = field;
            match (field.is_registered(), &profile.container.default) {
                (true, _) => quote!(#ident: input.#ident),
                (false, Some(whole)) => quote!(#ident: #whole.#ident),
                (false, None) => quote!(#ident: <#ty as ::core::default::Default>::default()),
            }
        });
        let items = payloads(profile);
        // A field with a mistake is in no payload. The program does not compile, and the field causes no further error.
        let made = match profile.fields.iter().any(|field| field.broken) {
            true => quote!(::core::unreachable!()),
            false => quote!(Self { #(#create),* }),
        };
        let implementation = implementation(profile, made);
        quote!(#items #implementation)
    }

    /// For an item from which no payload can be made: the trait is implemented, so that only the mistake itself is reported.
    pub(super) fn unusable(profile: &Profile<'_>) -> TokenStream {
        if !profile.input.generics.params.is_empty() {
            return TokenStream::new();
        }
        let items = payloads(profile);
        let implementation = implementation(profile, quote!(::core::unreachable!()));
        quote!(#items #implementation)
    }
}

/// The fields that a registration may have.
fn registered<'a>(profile: &'a Profile<'_>) -> impl Iterator<Item = &'a Field<'a>> + Clone {
    profile.fields.iter().filter(|field| field.is_registered())
}

/// The fields that an update of a user may have.
fn updated<'a>(profile: &'a Profile<'_>) -> Vec<&'a Field<'a>> {
    profile.fields.iter().filter(|field| field.is_updated()).collect()
}

/// The fields that an update of a superuser may have.
fn administered<'a>(profile: &'a Profile<'_>) -> Vec<&'a Field<'a>> {
    profile.fields.iter().filter(|field| field.is_updated() || field.is_of_superusers()).collect()
}

fn payloads(profile: &Profile<'_>) -> TokenStream {
    let (name, vis) = (&profile.input.ident, &profile.input.vis);
    let (register, update, admin_update) = (profile.register(), profile.update(), profile.admin_update());
    let private = profile.krate.private();
    let container = container(profile);
    let register_doc = format!(" What a client may send when registering with a [`{name}`].");
    let update_doc = format!(" What a client may change of a [`{name}`]; what is `None` stays as it is.");
    let register_fields = registered(profile).map(|field| register_field(field, profile));
    let admin_doc = format!(" What a superuser may change of a [`{name}`]; what is `None` stays as it is.");
    let own_update = update_payload(profile, &update, &update_doc, &updated(profile));
    let admin_update =
        (admin_update != update).then(|| update_payload(profile, &admin_update, &admin_doc, &administered(profile)));
    let defaults = defaults(profile, &register);
    let allows: Vec<_> = allows(&profile.input.attrs).collect();
    quote! {
        #[doc = #register_doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, #private::serde::Deserialize)]
        #[allow(deprecated, missing_docs, unreachable_pub)]
        #(#allows)*
        #container
        #vis struct #register { #(#register_fields),* }

        #own_update
        #admin_update
        #defaults
    }
}

fn container(profile: &Profile<'_>) -> TokenStream {
    let serde = format!("{}::__private::serde", profile.krate.to_token_stream()).replace(' ', "");
    let rename_all = profile.container.rename_all.iter();
    quote!(#[serde(crate = #serde #(, #rename_all)*)])
}

fn update_payload(profile: &Profile<'_>, update: &Ident, doc: &str, fields: &[&Field<'_>]) -> TokenStream {
    let (vis, private, container) = (&profile.input.vis, profile.krate.private(), container(profile));
    let path = private.to_string().replace(' ', "");
    let (sent, readers) =
        (fields.iter().map(|field| update_field(field, update, &path)), readers(profile, update, fields));
    let allows = allows(&profile.input.attrs);
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::default::Default, #private::serde::Deserialize)]
        #[allow(deprecated, missing_docs, unreachable_pub)]
        #(#allows)*
        #container
        #vis struct #update { #(#sent),* }

        #readers
    }
}

fn register_field(Field { field, ident, serde, .. }: &Field<'_>, profile: &Profile<'_>) -> TokenStream {
    let syn::Field { vis, ty, .. } = field;
    let kept = kept(field);
    let mut words: Vec<_> = serde.both.iter().chain(&serde.register).map(ToTokens::to_token_stream).collect();
    if takes_default_of_struct(serde, profile) {
        let function = format!("{}::{}", profile.register(), default_name(ident));
        words.push(quote!(default = #function));
    }
    let words = (!words.is_empty()).then(|| quote!(#[serde(#(#words),*)]));
    quote!(#(#kept)* #words #vis #ident: #ty)
}

fn update_field(Field { field, ident, serde, .. }: &Field<'_>, update: &Ident, private: &str) -> TokenStream {
    let syn::Field { vis, ty, .. } = field;
    let kept = kept(field);
    let reader = match serde.reader {
        Some(_) => format!("{update}::{}", reader_name(ident)),
        None => format!("{private}::present"),
    };
    let both = &serde.both;
    quote! {
        #(#kept)*
        #[serde(#(#both,)* default, deserialize_with = #reader)]
        #vis #ident: ::core::option::Option<#ty>
    }
}

fn takes_default_of_struct(serde: &FieldWords, profile: &Profile<'_>) -> bool {
    profile.container.default.is_some() && !serde.default
}

// If the struct has a default, a missing field is that of the default, as when the struct itself is read.
fn defaults(profile: &Profile<'_>, register: &Ident) -> Option<TokenStream> {
    let whole = profile.container.default.as_ref()?;
    let own = registered(profile).filter(|field| takes_default_of_struct(&field.serde, profile));
    let functions: Vec<TokenStream> = own
        .map(|Field { field, ident, .. }| {
            let (name, ty) = (default_name(ident), &field.ty);
            let allows = allows(&field.attrs);
            quote!(#(#allows)* fn #name() -> #ty { #whole.#ident })
        })
        .collect();
    (!functions.is_empty()).then(|| helpers(profile, register, &functions))
}

fn default_name(ident: &Ident) -> Ident {
    format_ident!("__default_{}", ident.unraw())
}

// A field with its own reader keeps it: in an update, what it reads is present.
fn readers(profile: &Profile<'_>, update: &Ident, fields: &[&Field<'_>]) -> Option<TokenStream> {
    let private = profile.krate.private();
    let functions: Vec<TokenStream> = fields
        .iter()
        .filter_map(|Field { field, ident, serde, .. }| {
            let reader = serde.reader.as_ref()?;
            let (name, ty) = (reader_name(ident), &field.ty);
            let allows = allows(&field.attrs);
            Some(quote! {
                #(#allows)*
                fn #name<'de, D: #private::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::core::result::Result<::core::option::Option<#ty>, D::Error> {
                    #reader(deserializer).map(::core::option::Option::Some)
                }
            })
        })
        .collect();
    (!functions.is_empty()).then(|| helpers(profile, update, &functions))
}

// Functions whose names serde receives: a field's name is a part of each.
fn helpers(profile: &Profile<'_>, payload: &Ident, functions: &[TokenStream]) -> TokenStream {
    let allows = allows(&profile.input.attrs);
    quote!(#[allow(deprecated, non_snake_case)] #(#allows)* impl #payload { #(#functions)* })
}

fn reader_name(ident: &Ident) -> Ident {
    format_ident!("__read_{}", ident.unraw())
}

fn implementation(profile: &Profile<'_>, create: TokenStream) -> TokenStream {
    let (name, krate) = (&profile.input.ident, &profile.krate);
    let (register, update, admin_update) = (profile.register(), profile.update(), profile.admin_update());
    // One does not call the other: that call would report a bound of the trait a second time.
    let (apply, apply_admin) = (applied(&updated(profile)), applied(&administered(profile)));
    let hidden: Vec<&String> =
        profile.fields.iter().filter(|field| field.is_hidden()).map(|field| &field.written).collect();
    let hidden = (!hidden.is_empty()).then(|| quote!(const HIDDEN: &'static [&'static str] = &[#(#hidden),*];));
    let claims = claims(profile);
    quote! {
        #[automatically_derived]
        #[allow(deprecated, unused_variables)]
        impl #krate::Profile for #name {
            type Register = #register;
            type Update = #update;
            type AdminUpdate = #admin_update;
            #hidden
            fn create(input: #register) -> Self { #create }
            fn apply(&mut self, update: #update) { #apply }
            fn apply_admin(&mut self, update: #admin_update) { #apply_admin }
        }
        #claims
    }
}

/// Sets the fields that are sent.
fn applied(fields: &[&Field<'_>]) -> TokenStream {
    let idents = fields.iter().map(|field| field.ident);
    quote!(#(if let ::core::option::Option::Some(value) = update.#idents { self.#idents = value; })*)
}

/// From which claims a registration takes its fields, if a provider can say everything that one needs.
fn claims(profile: &Profile<'_>) -> Option<TokenStream> {
    let whole = profile.container.default.is_some();
    let fields: Vec<_> = registered(profile).collect();
    if !fields.iter().all(|field| whole || field.claim.is_some() || field.may_be_missing()) {
        return None;
    }
    let (name, krate) = (&profile.input.ident, &profile.krate);
    let pairs = fields.iter().filter_map(|field| {
        let (written, claim) = (&field.written, field.claim.as_ref()?);
        Some(quote!((#written, #claim)))
    });
    Some(quote! {
        #[automatically_derived]
        impl #krate::user::FromClaims for #name {
            const CLAIMS: &'static [(&'static str, &'static str)] = &[#(#pairs),*];
        }
    })
}

/// The attributes of a field that its copies in the payloads keep.
fn kept(field: &syn::Field) -> impl Iterator<Item = &Attribute> {
    field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).chain(allows(&field.attrs))
}

fn allows(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("allow"))
}

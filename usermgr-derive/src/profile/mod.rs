//! `#[derive(Profile)]`: a struct goes in, and the payloads of clients, with the code that applies them to the struct, come out.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Data, DeriveInput, Fields};

use crate::errors::{Errors, Message, derived};

mod checked;
mod emit;
mod field;
mod read_back;
mod serde_attributes;
mod words;

use checked::Profile;
use emit::Expansion;
use field::Field;
use serde_attributes::Container;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    derived(item, derive)
}

fn derive(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let DeriveInput { attrs, vis: _, ident, generics, data } = input;
    let krate = words::container(attrs, errors);
    let container = Container::read(attrs, ident, errors);
    let fields = match named(data) {
        Ok(fields) => {
            let read = |field| {
                let field = Field::read(field, &container, errors)?;
                read_back::check(&field, &container, errors);
                field::check_numbers(&field, errors);
                Some(field)
            };
            fields.iter().filter_map(read).collect::<Vec<_>>()
        }
        Err((token, found, help)) => {
            let message = Message::new(format!("a profile must be a struct with named fields, found {found}"));
            errors.at(&token, message.help(help).note("each field is one more field of the user"));
            // A union cannot have the traits that a profile needs.
            if let Data::Union(_) = data {
                return TokenStream::new();
            }
            return Expansion::unusable(&Profile { input, krate, container, fields: Vec::new() });
        }
    };
    read_back::check_all(&fields, &container, errors);
    if !generics.params.is_empty() {
        let message = Message::new("a profile must not be generic");
        errors.at(
            generics,
            message
                .help("write the types of the fields out")
                .note("it is read from and written to one column of the store"),
        );
        return TokenStream::new();
    }
    Expansion::of(&Profile { input, krate, container, fields })
}

type NamedFields = syn::punctuated::Punctuated<syn::Field, syn::Token![,]>;

fn named(data: &Data) -> Result<&NamedFields, (TokenStream, &'static str, &'static str)> {
    match data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            Fields::Unnamed(fields) => Err((fields.to_token_stream(), "a tuple struct", "name the fields")),
            Fields::Unit => Err((
                data.struct_token.to_token_stream(),
                "a unit struct",
                "write `{}` after the name, or use `NoProfile`",
            )),
        },
        Data::Enum(data) => Err((data.enum_token.to_token_stream(), "an enum", "make it the type of a field")),
        Data::Union(data) => Err((data.union_token.to_token_stream(), "a union", "write a struct")),
    }
}

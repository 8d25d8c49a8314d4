//! The words inside of our attributes: the attributes of an item go in, what stands between their parentheses comes out.

use darling::ast::NestedMeta;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Meta};

use crate::errors::{Errors, Message};

/// The words of all attributes of this name, in their order. One without parentheses is reported, with an example to write in its place.
pub(crate) fn words(
    attributes: &[Attribute],
    name: &str,
    example: impl Fn() -> String,
    errors: &mut Errors,
) -> Vec<NestedMeta> {
    let mut words: Vec<NestedMeta> = Vec::new();
    for attribute in named(attributes, name) {
        let Meta::List(list) = &attribute.meta else {
            let message = Message::new(format!("`#[{name}]` needs its words in parentheses"));
            errors.at(attribute, message.help(format!("write `{}`", example())));
            continue;
        };
        match NestedMeta::parse_meta_list(list.tokens.clone()) {
            Ok(written) => words.extend(written),
            Err(error) => errors.absorb(error),
        }
    }
    words
}

/// The attributes of this name.
pub(crate) fn named<'a>(attributes: &'a [Attribute], name: &str) -> impl Iterator<Item = &'a Attribute> {
    attributes.iter().filter(move |attribute| attribute.path().is_ident(name))
}

/// The name of a word, as it is written.
pub(crate) fn name(word: &NestedMeta) -> String {
    let tokens: TokenStream = match word {
        NestedMeta::Meta(meta) => meta.path().to_token_stream(),
        other => other.to_token_stream(),
    };
    tokens.to_string().replace(' ', "")
}

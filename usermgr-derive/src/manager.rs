//! `#[user_manager]`: the attribute's tokens and the item's go in, the item and its trait implementation come out.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::block::{self, Header};
use crate::emit::{self, Expansion};
use crate::errors::{Errors, Message};
use crate::hints::Hints;
use crate::item::{self, Outline};
use crate::settings::Settings;

/// Whatever is wrong, the item is printed, with as much of the implementation as makes sense, so that one mistake is
/// one error and does not affect the rest of the program.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let outline = Outline::parse(&item).or_else(|_| Outline::parse_readable(&item));
    let mut output = match (item::keyword(&item), outline) {
        (Some(keyword), _) => {
            let message =
                Message::new(format!("`#[user_manager]` must be placed on an `impl` block, found `{keyword}`"));
            let name = item::type_name(&item).map_or("Accounts".to_owned(), |name| name.to_string());
            errors.at(&keyword, message.help(format!("write `#[user_manager(..)] impl {name} {{ .. }}`")));
            item
        }
        (None, Ok(outline)) => manager(attribute, outline, &mut errors),
        (None, Err(error)) => {
            errors.absorb(error);
            item
        }
    };
    output.extend(errors.into_tokens());
    output
}

fn manager(attribute: TokenStream, mut outline: Outline, errors: &mut Errors) -> TokenStream {
    // At the attribute's place, but as if written there: a bare call-site span adds a note about macros.
    let blamed = outline.item.impl_token.span.located_at(Span::call_site());
    let mut settings = Settings::parse(attribute, blamed, errors);
    let header = block::check_header(&mut outline.item, errors);
    let written = match header {
        Header::Manager => emit::user_impl(&outline),
        Header::Foreign => return emit::user_impl(&outline),
        // Editors find what was written, and the compiler adds no error.
        Header::Impossible => return quote!(#[cfg(false)]).into_iter().chain(emit::user_impl(&outline)).collect(),
    };
    block::check_types(&outline.item, &mut settings, errors);
    block::check_store(&outline.item, &mut settings, errors);
    let mut hints = Hints { settings: std::mem::take(&mut settings.unknown), hooks: outline.unfinished.clone() };
    let hooks = block::hooks(&outline, &mut hints.hooks, errors);
    // Editors look for the hints where they are without what is being typed as well: before everything that it changes.
    let mut output = hints.into_tokens();
    output.extend(written);
    Expansion { outline: &outline, settings: &settings, hooks: &hooks }.to_tokens(&mut output);
    output
}

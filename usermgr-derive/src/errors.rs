//! The one list of mistakes: every check pushes into it, and `into_tokens` turns it into compiler errors.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::DeriveInput;

/// The text of one error: what is wrong, then any number of `help` and `note` lines.
pub(crate) struct Message(String);

impl Message {
    pub(crate) fn new(text: impl Display) -> Self {
        Message(text.to_string())
    }

    pub(crate) fn help(self, text: impl Display) -> Self {
        self.line("help", text)
    }

    pub(crate) fn note(self, text: impl Display) -> Self {
        self.line("note", text)
    }

    /// The statement with all its lines, for a message that the compiler gives when it has evaluated a constant.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    // Sub-diagnostics need a nightly compiler; a line of this form is aligned by rustc as if it were one.
    fn line(mut self, kind: &str, text: impl Display) -> Self {
        self.0.push_str(&format!("\n= {kind}: {text}"));
        self
    }
}

/// The output of a derive: what it makes of the item, and then its errors.
pub(crate) fn derived(item: TokenStream, derive: impl FnOnce(&DeriveInput, &mut Errors) -> TokenStream) -> TokenStream {
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

#[derive(Default)]
#[must_use]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Underlines all of `tokens`, from the first to the last.
    pub(crate) fn at(&mut self, tokens: &impl ToTokens, message: Message) {
        self.0.push(syn::Error::new_spanned(tokens, message.0));
    }

    pub(crate) fn at_span(&mut self, span: Span, message: Message) {
        self.0.push(syn::Error::new(span, message.0));
    }

    pub(crate) fn absorb(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    pub(crate) fn append(&mut self, other: Errors) {
        self.0.extend(other.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().map(|error| error.into_compile_error()).collect()
    }
}

/// `` `a`, `b` and `c` ``, for lists inside messages.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(listed([]), "");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    fn help_and_note_follow_the_statement() {
        let message = Message::new("a fact").help("a remedy").note("a reason");
        assert_eq!(message.0, "a fact\n= help: a remedy\n= note: a reason");
    }
}

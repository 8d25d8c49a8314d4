//! A block that is being written: its items go in as tokens, and the readable ones come out.
//!
//! The compiler reports what cannot be read, before the macro is called.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ImplItem};

use crate::body::{is_body, is_mark, is_word, without_bodies};

#[derive(Default)]
pub(crate) struct Readable {
    pub(crate) items: TokenStream,
    /// How many of them come before everything else: the compiler gives up after that, and does not have the others.
    pub(crate) sound: usize,
    /// The names after `fn` in everything else.
    pub(crate) unfinished: Vec<Ident>,
}

pub(crate) fn readable(body: TokenStream) -> Readable {
    let trees: Vec<TokenTree> = body.into_iter().collect();
    let mut found = Readable::default();
    let (mut start, mut sound) = (0, true);
    for at in 0..trees.len() {
        if is_mark(&trees[at], ';') || is_body(&trees, at) || at + 1 == trees.len() {
            sound &= found.take(&trees[start..=at], sound);
            start = at + 1;
        }
    }
    found
}

impl Readable {
    /// One item, or one after something half written. Returns whether it was the former.
    fn take(&mut self, trees: &[TokenTree], sound: bool) -> bool {
        let mut starts = (0..trees.len()).filter(|at| *at == 0 || can_begin_an_item(&trees[*at]));
        let (begin, count) =
            starts.find_map(|at| count(&trees[at..]).map(|count| (at, count))).unwrap_or((trees.len(), 0));
        let (unread, read) = trees.split_at(begin);
        let names = unread.windows(2).filter(|pair| is_word(&pair[0], "fn")).filter_map(|pair| match &pair[1] {
            TokenTree::Ident(name) => Some(name.clone()),
            _ => None,
        });
        self.unfinished.extend(names);
        self.items.extend(read.iter().cloned());
        if sound && unread.is_empty() {
            self.sound += count;
        }
        unread.is_empty()
    }
}

fn can_begin_an_item(tree: &TokenTree) -> bool {
    const WORDS: [&str; 7] = ["pub", "async", "fn", "const", "unsafe", "extern", "type"];
    is_mark(tree, '#') || WORDS.iter().any(|word| is_word(tree, word))
}

/// The number of items; `None` if they are not items.
fn count(trees: &[TokenTree]) -> Option<usize> {
    let parser = |input: ParseStream<'_>| {
        input.call(Attribute::parse_inner)?;
        let mut count = 0;
        while !input.is_empty() {
            input.parse::<ImplItem>()?;
            count += 1;
        }
        Ok(count)
    };
    parser.parse2(without_bodies(trees.iter().cloned().collect())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{format_ident, quote};

    #[track_caller]
    fn reads(body: TokenStream, items: TokenStream, sound: usize, unfinished: &[&str]) {
        let found = readable(body);
        assert_eq!(found.items.to_string(), items.to_string());
        assert_eq!(
            (found.sound, found.unfinished),
            (sound, unfinished.iter().map(|name| format_ident!("{name}")).collect())
        );
    }

    #[test]
    fn what_is_whole_is_read() {
        let items = quote!(
            #![allow(dead_code)]
            const N: usize = 1;
            #[cfg(unix)]
            async fn a(&self) -> Buffer<{ N }> {}
        );
        reads(items.clone(), items, 2, &[]);
    }

    #[test]
    fn what_is_half_written_hides_nothing_else() {
        let (first, last) = (
            quote!(fn a(&self) { x. }),
            quote!(
                #[helper]
                pub async fn b(&self) {}
            ),
        );
        reads(quote!(#first async fn on_after_re #last), quote!(#first #last), 1, &["on_after_re"]);
        reads(quote!(#first async fn on_after_re), first.clone(), 1, &["on_after_re"]);
        reads(quote!(#first async fn c(&self, user &User) {} #last), quote!(#first #last), 1, &["c"]);
        reads(quote!(#first pub #last), quote!(#first #last), 1, &[]);
        reads(quote!(fn), quote!(), 0, &[]);
    }
}

//! The annotated item as tokens: what the user wrote goes in; an outline to inspect and the text to print back come out.
//!
//! Method bodies are never parsed. They are printed back token by token, so that a half-typed expression in one of them
//! costs an editor nothing, and expansion does not grow with the length of the methods.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{Attribute, ItemImpl, Meta};

use crate::body::{is_mark, is_word, with_content, without_bodies};
use crate::readable::{Readable, readable};

/// An `impl` block whose bodies are left out, and the braces with everything in them.
pub(crate) struct Outline {
    pub(crate) item: ItemImpl,
    /// `pub` before `impl`, which the compiler refuses.
    pub(crate) visibility: TokenStream,
    pub(crate) body: Group,
    /// The names of methods that could not be read.
    pub(crate) unfinished: Vec<Ident>,
    /// How many of the items come before what could not be read, if anything.
    pub(crate) sound: Option<usize>,
}

impl Outline {
    // Input:  impl Accounts { async fn on_after_register(&self, user: &User) { user.. } }
    // Output: impl Accounts { async fn on_after_register(&self, user: &User) {} }
    pub(crate) fn parse(item: &TokenStream) -> syn::Result<Self> {
        let (mut header, body) = split(item)?;
        let visibility = take_visibility(&mut header);
        header.push(with_content(&body, without_bodies(body.stream())));
        let item = syn::parse2(header.into_iter().collect())?;
        Ok(Outline { item, visibility, body, sound: None, unfinished: Vec::new() })
    }

    /// The outline of a block that is being written: of those items that can be read.
    ///
    /// # Errors
    /// The header cannot be read.
    pub(crate) fn parse_readable(item: &TokenStream) -> syn::Result<Self> {
        let (mut header, body) = split(item)?;
        let Readable { items, sound, unfinished } = readable(body.stream());
        header.push(with_content(&body, items));
        Ok(Outline { body, sound: Some(sound), unfinished, ..Outline::parse(&header.into_iter().collect())? })
    }
}

/// The part before the braces of a block, and the braces.
fn split(item: &TokenStream) -> syn::Result<(Vec<TokenTree>, Group)> {
    let mut header: Vec<TokenTree> = item.clone().into_iter().collect();
    match header.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => Ok((header, body)),
        last => {
            let end = last.map_or_else(Span::call_site, |tree| tree.span());
            Err(syn::Error::new(end, "expected the braces of an `impl` block"))
        }
    }
}

fn take_visibility(header: &mut Vec<TokenTree>) -> TokenStream {
    let Some(start) = header.iter().position(|tree| is_word(tree, "pub")) else { return TokenStream::new() };
    let restricted = matches!(header.get(start + 1), Some(TokenTree::Group(_)));
    header.drain(start..=start + usize::from(restricted)).collect()
}

/// The items of the block without the inert attribute `helper`, which the compiler does not know, and without associated types, which would
/// be a second error of the compiler.
pub(crate) fn printed(body: &Group) -> TokenTree {
    let mut trees = body.stream().into_iter().peekable();
    let mut kept: Vec<TokenTree> = Vec::new();
    // Where the item begins that is being read.
    let mut start = 0;
    let mut complete = true;
    while let Some(tree) = trees.next() {
        let next = match (&tree, trees.peek()) {
            (TokenTree::Punct(punct), Some(TokenTree::Group(group))) if punct.as_char() == '#' => Some(group),
            _ => None,
        };
        if next.is_some_and(|group| group.delimiter() == Delimiter::Bracket && mentions(group.stream(), "helper")) {
            trees.next();
            complete = false;
            continue;
        }
        // A keyword, so it can only begin an item here; an unfinished one is printed, for the editor's sake.
        if is_word(&tree, "type") && trees.clone().any(|tree| is_mark(&tree, ';')) {
            trees.by_ref().find(|tree| is_mark(tree, ';'));
            kept.truncate(start);
            complete = false;
            continue;
        }
        let ends =
            is_mark(&tree, ';') || matches!(&tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        kept.push(tree);
        if ends {
            start = kept.len();
        }
    }
    // The braces themselves if possible: what is wrong at one of them is the same error as before, and is reported once.
    if complete { TokenTree::Group(body.clone()) } else { with_content(body, kept.into_iter().collect()) }
}

fn mentions(attribute: TokenStream, name: &str) -> bool {
    syn::parse2::<Meta>(attribute).is_ok_and(|meta| {
        meta.path().is_ident(name) || conditional(&meta).iter().any(|inner| inner.path().is_ident(name))
    })
}

/// The attributes that `cfg_attr` would apply; empty for every other attribute.
pub(crate) fn conditional(attribute: &Meta) -> Vec<Meta> {
    let Meta::List(list) = attribute else { return Vec::new() };
    if !list.path.is_ident("cfg_attr") {
        return Vec::new();
    }
    let inner = list.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated);
    inner.map(|metas| metas.into_iter().skip(1).collect()).unwrap_or_default()
}

/// The conditions under which an item exists; what is generated for it exists under the same.
pub(crate) fn cfgs(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> + Clone {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// The keyword of an item other than an `impl` block.
pub(crate) fn keyword(item: &TokenStream) -> Option<Ident> {
    const KEYWORDS: [&str; 13] = [
        "struct",
        "enum",
        "union",
        "trait",
        "mod",
        "fn",
        "type",
        "const",
        "static",
        "use",
        "extern",
        "macro_rules",
        "macro",
    ];
    let mut found = None;
    for tree in item.clone() {
        match tree {
            TokenTree::Ident(ident) if ident == "impl" => return None,
            // `const fn` and `extern "C" fn` are functions.
            TokenTree::Ident(ident) if ident == "fn" => return Some(ident),
            TokenTree::Ident(ident) if found.is_none() && KEYWORDS.iter().any(|word| ident == word) => {
                let conclusive = ident != "const" && ident != "extern";
                found = Some(ident);
                if conclusive {
                    return found;
                }
            }
            _ => {}
        }
    }
    found
}

/// The name of the type that an item declares.
pub(crate) fn type_name(item: &TokenStream) -> Option<Ident> {
    let declares = |word: &Ident| ["struct", "enum", "union"].iter().any(|keyword| word == keyword);
    let mut words = item.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    words.find(declares).and_then(|_| words.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn bodies_are_left_out_and_const_arguments_are_not() {
        let items = quote!(fn a(&self, b: &Buffer<{ N }, 3>) -> Pair<{ N }, { M }> { b. } const C: U = U { x: 1 };);
        let outline = quote!(
            fn a(&self, b: &Buffer<{ N }, 3>) -> Pair<{ N }, { M }> {}
            const C: U = U {};
        );
        assert_eq!(without_bodies(items).to_string(), outline.to_string());
    }

    #[test]
    fn the_arguments_of_a_macro_among_types_are_no_body() {
        let items = quote!(fn a(&self, b: &user! {}) -> outcome! { HookError } { b. } fn c() -> ! { loop {} });
        let outline = quote!(
            fn a(&self, b: &user! {}) -> outcome! { HookError } {}
            fn c() -> ! {}
        );
        assert_eq!(without_bodies(items).to_string(), outline.to_string());
    }

    #[test]
    fn only_helpers_and_types_are_taken_away() {
        let body = quote!({
            #[helper]
            #[inline]
            fn a() {
                #[helper]
                fn b() {}
            }
            #[cfg_attr(x, helper)]
            fn c() {}
            /// Of ours.
            pub(crate) type Store = Memory<[u8; 2]>;
            const C: u8 = 1;
        });
        let Some(TokenTree::Group(body)) = body.into_iter().next() else { panic!() };
        let kept = quote!({
            #[inline]
            fn a() {
                #[helper]
                fn b() {}
            }
            fn c() {}
            const C: u8 = 1;
        });
        assert_eq!(printed(&body).to_string(), kept.to_string());
    }

    #[test]
    fn the_keyword_is_found_behind_attributes_and_visibility() {
        let found = |item: TokenStream| keyword(&item).map(|ident| ident.to_string());
        assert_eq!(
            found(quote!(
                #[doc = "enum"]
                pub(crate) struct A;
            ))
            .as_deref(),
            Some("struct")
        );
        assert_eq!(
            found(quote!(
                pub const unsafe extern "C" fn a() {}
            ))
            .as_deref(),
            Some("fn")
        );
        assert_eq!(
            found(quote!(
                const A: u8 = 1;
            ))
            .as_deref(),
            Some("const")
        );
        assert_eq!(found(quote!(impl A {})), None);
    }
}

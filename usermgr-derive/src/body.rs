//! The bodies of a block's items: which braces they are, and the items without them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

pub(crate) fn without_bodies(items: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = items.into_iter().collect();
    let outlined = (0..trees.len()).map(|at| match &trees[at] {
        TokenTree::Group(group) if is_body(&trees, at) => with_content(group, TokenStream::new()),
        other => other.clone(),
    });
    outlined.collect()
}

/// Whether the tree is the body of an item, and not braces inside of a type.
pub(crate) fn is_body(trees: &[TokenTree], at: usize) -> bool {
    let before = |count: usize| at.checked_sub(count).and_then(|at| trees.get(at));
    let is_brace = matches!(&trees[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    // A const argument, `Buffer<{ N }>`.
    let is_argument = trees.get(at + 1).is_some_and(|next| is_mark(next, '>') || is_mark(next, ','));
    // The arguments of a macro, `outcome! { HookError }`.
    let is_call = before(1).is_some_and(|tree| is_mark(tree, '!')) && matches!(before(2), Some(TokenTree::Ident(_)));
    is_brace && !is_argument && !is_call
}

pub(crate) fn with_content(group: &Group, content: TokenStream) -> TokenTree {
    let mut outline = Group::new(group.delimiter(), content);
    outline.set_span(group.span());
    TokenTree::Group(outline)
}

pub(crate) fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

pub(crate) fn is_mark(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == mark)
}

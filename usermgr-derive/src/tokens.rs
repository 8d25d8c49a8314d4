//! Tokens at the places that the compiler must underline.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;

/// `&(expression)`, with the place of the expression.
pub(crate) fn borrowed(expr: &Expr) -> TokenStream {
    let (first, last) = ends(expr);
    let and = quote_spanned!(first=> &);
    if matches!(
        expr,
        Expr::Path(_) | Expr::Lit(_) | Expr::Field(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_)
    ) {
        return quote!(#and #expr);
    }
    let group = grouped(Delimiter::Parenthesis, expr.to_token_stream(), last);
    quote!(#and #group)
}

/// The first place and the last.
// `Span::join` is not stable, so code that is underlined as a whole needs both its ends.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

pub(crate) fn grouped(delimiter: Delimiter, content: TokenStream, span: Span) -> TokenTree {
    let mut group = Group::new(delimiter, content);
    group.set_span(span);
    TokenTree::Group(group)
}

pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut tree: TokenTree| {
        tree.set_span(span);
        tree
    };
    tokens.into_iter().map(respan).collect()
}

//! What the compiler can know about the settings: the values go in, and the constants that check them come out.

use proc_macro2::{Delimiter, Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, GenericParam, ItemImpl};

use crate::settings::Pair;
use crate::tokens::{borrowed, ends, grouped, respanned};
use crate::value::{Known, Value, ValueKind, peel};

pub(crate) struct Consts<'a> {
    pub(crate) item: &'a ItemImpl,
    pub(crate) values: &'a [(&'static str, Value)],
}

/// The value as the runtime's type: `__um::AsSecret::to_secret(&SECRET)`.
pub(crate) fn converted(name: &str, value: &Value) -> TokenStream {
    witnessed(value, value.kind.runtime().convert, name)
}

// The compiler reports a wrong type at every call; if the calls differ only in the method, it reports it once.
fn witnessed(value: &Value, method: Ident, name: &str) -> TokenStream {
    let (first, last) = ends(&value.expr);
    let witness = value.kind.runtime().witness;
    let call = respanned(quote!(__um::#witness::#method), first);
    let reference = match text_of_macro(name, value) {
        Some(text) => quote_spanned!(first=> &).into_iter().chain(respanned(text.to_token_stream(), last)).collect(),
        None => borrowed(&value.expr),
    };
    let argument = grouped(Delimiter::Parenthesis, reference, last);
    quote!(#call #argument)
}

/// The name of the constant for a text by a macro, which is called only once, so that its own errors are reported once.
fn text_of_macro(name: &str, value: &Value) -> Option<Ident> {
    let is_text = value.known == Known::Constant && matches!(peel(&value.expr), Expr::Macro(_));
    is_text.then(|| format_ident!("__UM_{}", name.to_uppercase()))
}

impl ToTokens for Consts<'_> {
    // Output: const _: () = __um::check::secret("reset_secret", __um::check::of(&|| __um::AsSecret::mark(&SECRET)).text(SECRET));
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for (name, value) in self.values {
            if let Some(text) = text_of_macro(name, value) {
                let expr = &value.expr;
                tokens.extend(quote!(const #text: &::core::primitive::str = #expr;));
            }
            let known = match value.known {
                Known::Constant => self.known(name, value),
                Known::Arithmetic => Some(value.expr.to_token_stream()),
                Known::Literal | Known::Running => None,
            };
            let check = value.kind.runtime().check;
            tokens.extend(known.map(|known| judgement(&value.expr, &check, quote!(#name, #known))));
        }
    }
}

impl Consts<'_> {
    // Output: const _: () = __um::check::distinct(.., "usermgr:reset", "..");
    pub(crate) fn pair(&self, Pair { blamed, other, message }: &Pair) -> Option<TokenStream> {
        let (left, right) = (self.known(blamed.0, &blamed.1)?, self.known(other.0, &other.1)?);
        Some(judgement(&blamed.1.expr, &format_ident!("distinct"), quote!(#left, #right, #message)))
    }

    /// What the compiler knows about the value of a constant.
    fn known(&self, name: &str, value: &Value) -> Option<TokenStream> {
        let Value { kind, expr, known } = value;
        if let Some(text) = text_of_macro(name, value) {
            // A value that is not a number of seconds is reported where it is read.
            return (!matches!(kind, ValueKind::Lifetime { .. })).then(|| text.into_token_stream());
        }
        if *known == Known::Literal {
            return Some(expr.to_token_stream());
        }
        let constant = Value { expr: self.beside(expr)?, ..value.clone() };
        let (first, last) = ends(&constant.expr);
        let (mark, method) = (witnessed(&constant, format_ident!("mark"), name), kind.runtime().known);
        let (of, closure) = (respanned(quote!(__um::check::of), first), respanned(quote!(&||), first));
        let call = grouped(Delimiter::Parenthesis, quote!(#closure #mark), last);
        let known = respanned(quote!(.#method), first);
        let argument = grouped(Delimiter::Parenthesis, constant.expr.into_token_stream(), last);
        Some(quote!(#of #call #known #argument))
    }

    /// The expression as a constant beside the block can say it; none if it needs a parameter of the block.
    // Input:  Self::SECRET
    // Output: <Accounts>::SECRET
    fn beside(&self, expr: &Expr) -> Option<Expr> {
        let params = &self.item.generics.params;
        let Expr::Path(path) = peel(expr) else { return Some(expr.clone()) };
        let Some(first) = path.path.segments.first() else { return Some(expr.clone()) };
        if first.ident == "Self" {
            let span = first.ident.span();
            let ty = self.item.self_ty.to_token_stream();
            let rest = path.path.to_token_stream().into_iter().skip(1);
            let (open, close) = (quote_spanned!(span=> <), quote_spanned!(span=> >));
            let path = open.into_iter().chain(ty).chain(close).chain(rest).collect();
            return params.is_empty().then(|| Expr::Verbatim(path));
        }
        let is_parameter = params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == first.ident,
            GenericParam::Const(param) => param.ident == first.ident,
            GenericParam::Lifetime(_) => false,
        });
        (!is_parameter).then(|| expr.clone())
    }
}

/// A constant whose evaluation checks a setting. It has the place of the expression, so that a failure underlines the expression.
fn judgement(expr: &Expr, check: &Ident, arguments: TokenStream) -> TokenStream {
    let (first, last) = ends(expr);
    let function = respanned(quote!(__um::check::#check), first);
    let arguments = grouped(Delimiter::Parenthesis, arguments, last);
    quote!(const _: () = #function #arguments;)
}

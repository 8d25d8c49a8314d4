//! Where the runtime crate is: the value of `crate = ..` goes in, the prefix of every emitted path comes out.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprPath, Ident, Lit, Path};

use crate::errors::{Errors, Message};
use crate::value::peel;

/// `::usermgr`, or what `crate = path` says instead.
#[derive(Clone)]
pub(crate) struct CratePath(Path);

impl Default for CratePath {
    fn default() -> Self {
        let name = Ident::new("usermgr", Span::call_site());
        CratePath(Path {
            leading_colon: Some(Default::default()),
            segments: [syn::PathSegment::from(name)].into_iter().collect(),
        })
    }
}

impl CratePath {
    pub(crate) fn check(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        match peel(expr) {
            Expr::Path(ExprPath { qself: None, path, .. }) if is_absolute(path) => Some(CratePath(path.clone())),
            Expr::Path(ExprPath { qself: None, path, .. }) => {
                let written = path.to_token_stream().to_string().replace(' ', "");
                let rest = written.trim_start_matches("super::").trim_start_matches("self::");
                let message = Message::new("the `crate` path must be absolute");
                errors.at(path, message.help(format!("write `::{rest}` or `crate::{rest}`")));
                None
            }
            Expr::Lit(ExprLit { lit: lit @ Lit::Str(text), .. }) => {
                let message = Message::new("expected a path, found a string");
                errors.at(lit, message.help(format!("remove the quotes: `crate = {}`", text.value())));
                None
            }
            other => {
                errors
                    .at(other, Message::new("expected a path, found an expression").help("write `crate = ::usermgr`"));
                None
            }
        }
    }

    /// The path of what macro output may name and users must not.
    pub(crate) fn private(&self) -> TokenStream {
        quote!(#self::__private)
    }
}

// `$crate` arrives as one identifier when a `macro_rules!` macro of a third crate writes the attribute.
fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some()
        || path.segments.first().is_some_and(|first| first.ident == "crate" || first.ident == "$crate")
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn check(expr: &Expr) -> (Option<String>, Vec<String>) {
        let mut errors = Errors::default();
        let path = CratePath::check(expr, &mut errors);
        (path.map(|path| path.to_token_stream().to_string()), errors.messages())
    }

    #[test]
    fn absolute_paths_are_accepted() {
        assert_eq!(check(&parse_quote!(::um)).0.as_deref(), Some(":: um"));
        assert_eq!(check(&parse_quote!(crate::vendored::um)).0.as_deref(), Some("crate :: vendored :: um"));
    }

    #[test]
    fn every_other_value_gets_an_error_with_the_remedy() {
        assert_eq!(
            check(&parse_quote!(foo::bar)).1,
            ["the `crate` path must be absolute\n= help: write `::foo::bar` or `crate::foo::bar`"]
        );
        assert_eq!(
            check(&parse_quote!("um")).1,
            ["expected a path, found a string\n= help: remove the quotes: `crate = um`"]
        );
        assert_eq!(check(&parse_quote!(f())).1.len(), 1);
    }
}

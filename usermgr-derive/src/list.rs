//! The arguments of the attribute: tokens go in, `key = value` pairs come out, and one broken pair does not hide the
//! next one.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Lit, Path, Token, Type};

use crate::errors::{Errors, Message};

/// One argument that starts with a key. The code that knows the key reports what is wrong with its form.
pub(crate) struct Argument {
    pub(crate) key: Ident,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// `key = expression`
    Expr(Expr),
    /// `key = Type`, for keys that take a type
    Type(Type),
    /// `key`
    Word,
    /// `key(..)`, with the group
    List(TokenStream),
    /// `key =`, with the sign
    Empty(Token![=]),
    /// `key = ` and something that is not a value
    Broken(TokenStream),
}

/// Reads all arguments; `wants_type` says which keys are followed by a type.
pub(crate) fn parse(tokens: TokenStream, wants_type: impl Fn(&Ident) -> bool, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Some(argument) = argument(input, &wants_type, errors)? {
                arguments.push(argument);
            }
            separator(input, errors)?;
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.absorb(error);
    }
    arguments
}

fn argument(
    input: ParseStream<'_>,
    wants_type: &impl Fn(&Ident) -> bool,
    errors: &mut Errors,
) -> syn::Result<Option<Argument>> {
    let misfit =
        |found: &str, help: &str| Message::new(format!("expected `setting = value`, found {found}")).help(help);
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        errors.at(&literal, misfit("a literal", "write a setting before it, such as `reset_secret = ..`"));
        skip(input)?;
        return Ok(None);
    }
    if input.peek(Token![::]) || (input.peek(Ident::peek_any) && input.peek2(Token![::])) {
        match input.call(Path::parse_mod_style) {
            Ok(path) => errors.at(&path, misfit("a path", "write the name of the setting alone")),
            Err(error) => errors.absorb(error),
        }
        skip(input)?;
        return Ok(None);
    }
    if !input.peek(Ident::peek_any) {
        let rest = if input.peek(Token![,]) { input.fork().parse()? } else { skip(input)? };
        errors.at(&rest, misfit("other tokens", "write a setting, such as `reset_secret = ..`"));
        return Ok(None);
    }
    let key = input.call(Ident::parse_any)?;
    let shape = if let Some(sign) = mistaken_sign(input) {
        let found: TokenStream = (0..sign.len()).map(|_| input.parse::<TokenTree>()).collect::<syn::Result<_>>()?;
        let message = Message::new(format!("expected `=` after `{key}`, found `{sign}`"));
        errors.at(&found, message.help(format!("write `{key} = ..`")));
        value_after(Token![=](input.span()), input, wants_type(&key))?
    } else if input.peek(Token![=]) {
        value(input, wants_type(&key))?
    } else if input.is_empty() || input.peek(Token![,]) {
        Shape::Word
    } else {
        Shape::List(skip(input)?)
    };
    Ok(Some(Argument { key, shape }))
}

/// A sign that other languages, or other parts of Rust, have between a name and a value.
fn mistaken_sign(input: ParseStream<'_>) -> Option<&'static str> {
    let signs = [(input.peek(Token![==]), "=="), (input.peek(Token![=>]), "=>"), (input.peek(Token![:]), ":")];
    signs.into_iter().find_map(|(is_next, sign)| is_next.then_some(sign))
}

fn value(input: ParseStream<'_>, wants_type: bool) -> syn::Result<Shape> {
    let equals: Token![=] = input.parse()?;
    value_after(equals, input, wants_type)
}

fn value_after(equals: Token![=], input: ParseStream<'_>, wants_type: bool) -> syn::Result<Shape> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Shape::Empty(equals));
    }
    let attempt = input.fork();
    let parsed = if wants_type { attempt.parse().map(Shape::Type) } else { attempt.parse().map(Shape::Expr) };
    match parsed {
        Ok(shape) => {
            input.advance_to(&attempt);
            Ok(shape)
        }
        Err(_) => {
            // The commas of `Map<(K, V), fn(A) -> B>` belong to the value although it is not an expression.
            let whole = input.fork();
            let is_type = whole.parse::<Type>().is_ok() && (whole.is_empty() || whole.peek(Token![,]));
            Ok(Shape::Broken(if is_type { input.parse::<Type>()?.into_token_stream() } else { skip(input)? }))
        }
    }
}

fn separator(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    if !input.is_empty() && !input.peek(Token![,]) {
        let message = Message::new("expected `,`").help("separate the settings with commas");
        errors.at_span(input.span(), message);
        // What reads like the next setting is read as one.
        if !(input.peek(Ident::peek_any) && input.peek2(Token![=])) {
            skip(input)?;
        }
    }
    input.parse::<Option<Token![,]>>().map(|_| ())
}

/// Everything up to the next comma.
fn skip(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([input.parse::<TokenTree>()?]);
    }
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn read(tokens: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let arguments = parse(tokens, |key| key == "store", &mut errors);
        let shown = |argument: &Argument| {
            let shape = match &argument.shape {
                Shape::Expr(_) => "expr",
                Shape::Type(_) => "type",
                Shape::Word => "word",
                Shape::List(_) => "list",
                Shape::Empty(_) => "empty",
                Shape::Broken(_) => "broken",
            };
            format!("{} {shape}", argument.key)
        };
        let statements =
            errors.messages().iter().map(|text| text.lines().next().unwrap_or_default().to_owned()).collect();
        (arguments.iter().map(shown).collect(), statements)
    }

    #[test]
    fn a_type_is_read_where_one_is_wanted() {
        let (arguments, errors) = read(quote!(store = Memory<Customer, u64>, crate = ::um, secret = a < b,));
        assert_eq!(arguments, ["store type", "crate expr", "secret expr"]);
        assert_eq!(errors, [""; 0]);
    }

    #[test]
    fn one_broken_argument_does_not_hide_the_next() {
        let (arguments, errors) = read(quote!(a, b = , c(1, 2), "abc", d::e = 1, f = 1 2, g = self., h = A<B>, i = 3));
        assert_eq!(arguments, ["a word", "b empty", "c list", "f expr", "g broken", "h broken", "i expr"]);
        assert_eq!(
            errors,
            ["expected `setting = value`, found a literal", "expected `setting = value`, found a path", "expected `,`"]
        );
    }

    #[test]
    fn a_missing_comma_is_the_only_mistake() {
        let (arguments, errors) = read(quote!(a = 1 b = 2));
        assert_eq!(arguments, ["a expr", "b expr"]);
        assert_eq!(errors, ["expected `,`"]);
    }

    #[test]
    fn another_sign_is_read_as_the_right_one() {
        let (arguments, errors) = read(quote!(a: 1, b => 2, store == Memory<A, B>, c = 4));
        assert_eq!(arguments, ["a expr", "b expr", "store type", "c expr"]);
        assert_eq!(
            errors,
            [
                "expected `=` after `a`, found `:`",
                "expected `=` after `b`, found `=>`",
                "expected `=` after `store`, found `==`"
            ]
        );
    }
}

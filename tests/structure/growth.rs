//! The public types that cannot grow: another crate may write all their fields or match all their variants.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Collects the public structs whose fields are all public, and the public enums with variants, without
/// `#[non_exhaustive]`, also those that a macro writes.
pub(crate) fn closed(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let (mut found, mut grows) = (Vec::new(), false);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if at > 0 && is(&tokens[at - 1], "#") => {
                grows |= group.stream().into_iter().any(|token| is(&token, "non_exhaustive"));
                continue;
            }
            TokenTree::Punct(hash) if hash.as_char() == '#' => continue,
            TokenTree::Group(group) => found.extend(closed(group.stream())),
            token if is(token, "pub") && !grows => found.extend(declared(&tokens[at + 1..])),
            _ => {}
        }
        grows = false;
    }
    found
}

fn is(token: &TokenTree, text: &str) -> bool {
    matches!(token, TokenTree::Ident(_) | TokenTree::Punct(_)) && token.to_string() == text
}

/// The name of the type that is declared after a `pub`, if another crate may write or match all of it.
fn declared(tokens: &[TokenTree]) -> Option<String> {
    let (keyword, rest) = tokens.split_first()?;
    // In a macro the name may be a parameter.
    let rest = if is(rest.first()?, "$") { &rest[1..] } else { rest };
    let (name, rest) = rest.split_first()?;
    let body: &Group = rest.iter().take_while(|token| !is(token, ";")).find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => Some(group),
        _ => None,
    })?;
    let parts = parts(body.stream());
    let is_closed = match keyword.to_string().as_str() {
        "enum" => !parts.is_empty(),
        "struct" => parts.iter().all(|part| is_public(part)),
        _ => false,
    };
    is_closed.then(|| name.to_string())
}

/// The fields or variants between the commas.
fn parts(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0);
    for token in tokens {
        depth += i32::from(is(&token, "<")) - i32::from(is(&token, ">"));
        if depth == 0 && is(&token, ",") {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(token);
        }
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts
}

/// Whether a field is public for every crate.
fn is_public(field: &[TokenTree]) -> bool {
    let Some(at) = field.iter().position(|token| is(token, "pub")) else { return false };
    !matches!(field.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

#[test]
fn what_other_crates_may_write_or_match_in_full_is_found() {
    let text = "
        /// A row.
        pub struct Open<T: Into<Map<u8, u8>>> { #[serde(default)] pub one: Map<u8, T>, pub two: u8 }
        #[non_exhaustive] #[derive(Debug)] pub struct Grows { pub one: u8 }
        pub struct Partly { pub one: u8, two: u8 }
        pub struct Crates { pub one: u8, pub(crate) two: u8 }
        pub struct Wrapped(u8);
        pub struct Bare(pub u8);
        pub struct Unit;
        pub(crate) enum Inner { One }
        pub enum Never {}
        #[non_exhaustive] pub enum Many { One }
        mod deep { #[derive(Debug)] pub enum Two { One, Other } }
        macro_rules! made { ($name:ident) => { pub enum $name { One } }; }
        pub fn open(one: u8) { }
    ";
    assert_eq!(closed(text.parse().unwrap()), ["Open", "Bare", "Two", "name"]);
}

//! The names of permissions and roles: what is written, or the variant in snake case, goes in; a mistake at each bad one comes out.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

use crate::errors::{Errors, Message};

/// The longest name, in bytes.
const LONGEST: usize = 64;

/// The name of a variant, with the place to which a mistake in it belongs.
pub(super) struct Name {
    pub(super) text: String,
    span: Span,
    /// Whether it is written, and not made from the variant.
    written: bool,
}

impl Name {
    pub(super) fn written(text: &syn::LitStr) -> Self {
        Name { text: text.value(), span: text.span(), written: true }
    }

    pub(super) fn of_variant(variant: &Ident) -> Self {
        Name { text: snake(&variant.unraw().to_string()), span: variant.span(), written: false }
    }
}

/// Reports names that cannot be stored or shown, and those that two variants have. `kind` is "permission" or "role", `form` how a name is
/// written.
pub(super) fn check<'a>(
    names: impl Iterator<Item = (&'a Ident, &'a Name)> + Clone,
    kind: &str,
    form: impl Fn(&str) -> String,
    errors: &mut Errors,
) {
    for (at, (variant, name)) in names.clone().enumerate() {
        let Name { text, span, written } = name;
        if !is_good(text) {
            let message = Message::new(format!("`{text}` cannot be the name of a {kind}"));
            let help = match mended(text) {
                Some(mended) if *written => format!("write {mended:?}"),
                Some(mended) => format!("add `{}`", form(&mended)),
                None => format!("choose another, such as `{}`", form("orders:read")),
            };
            errors.at_span(
                *span,
                message.help(help).note(format!(
                    "a name has a-z, 0-9, `:`, `.`, `_` and `-`, begins with a letter, ends with a letter or a digit, and has at most \
                     {LONGEST} bytes"
                )),
            );
            continue;
        }
        if let Some((other, _)) = names.clone().take(at).find(|(_, other)| other.text == *text) {
            let message = Message::new(format!("`{other}` and `{variant}` have the same name `{text}`"));
            errors.at_span(
                *span,
                message
                    .help(format!("give it another one: `{}`", form("..")))
                    .note(format!("names are stored, so each of them must mean one {kind}")),
            );
        }
    }
}

fn is_good(name: &str) -> bool {
    let edge = |byte: Option<&u8>, digits: bool| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || digits && byte.is_ascii_digit())
    };
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b":._-".contains(&byte);
    let bytes = name.as_bytes();
    edge(bytes.first(), false) && edge(bytes.last(), true) && bytes.len() <= LONGEST && name.bytes().all(inner)
}

/// A similar name that is good, if there is one.
fn mended(name: &str) -> Option<String> {
    let letter = |c: char| match c.to_ascii_lowercase() {
        ' ' | '/' => '_',
        c => c,
    };
    let mended: String =
        name.chars().map(letter).filter(|c| c.is_ascii_alphanumeric() || ":._-".contains(*c)).collect();
    let mended = mended.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    is_good(&mended).then_some(mended)
}

/// `OrdersRead` as `orders_read`. Capitals in a row are one word: `HTTPRead` is `http_read`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let begins_word = letter.is_uppercase()
            && at > 0
            && letters[at - 1] != '_'
            && (!letters[at - 1].is_uppercase() || letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_in_snake_case() {
        for (variant, name) in [
            ("Refund", "refund"),
            ("OrdersRead", "orders_read"),
            ("HTTPRead", "http_read"),
            ("ReadV2", "read_v2"),
            ("A", "a"),
            ("Orders_Read", "orders_read"),
            ("", ""),
        ] {
            assert_eq!(snake(variant), name);
        }
    }

    #[test]
    fn a_name_is_good_or_mended() {
        for good in ["a", "orders:read", "orders.read-all_2", "a2", &"a".repeat(64)] {
            assert!(is_good(good), "{good}");
        }
        for (bad, suggested) in [
            ("", None),
            ("2a", None),
            ("ö", None),
            (":read", Some("read")),
            ("read:", Some("read")),
            ("Orders Read", Some("orders_read")),
            ("orders/read", Some("orders_read")),
            ("orders,read", Some("ordersread")),
            (&"a".repeat(65), None),
        ] {
            assert!(!is_good(bad), "{bad}");
            assert_eq!(mended(bad).as_deref(), suggested, "{bad}");
        }
    }
}

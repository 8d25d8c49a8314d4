//! The addresses of pages, and where a person may be sent after signing in.

use percent_encoding::percent_decode_str;

use crate::{
    http::{RedirectOrigins, RedirectTarget},
    presentation::encoded,
};

/// The path below which all pages are.
pub(super) const BASE: &str = "/account";

/// The longest `return_to`, in bytes.
const LONGEST: usize = 512;

/// A path with pairs in its query; an absent value is left out.
pub(super) fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let given = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.enumerate().fold(path.to_owned(), |path, (at, (name, value))| {
        let separator = if at == 0 { '?' } else { '&' };
        format!("{path}{separator}{name}={}", encoded(value))
    })
}

/// Where `return_to` leads, if it is a path of the own origin or a page of a listed one.
pub(super) fn return_to(wanted: &str, origins: &RedirectOrigins) -> Option<RedirectTarget> {
    let path = wanted.split(['?', '#']).next().unwrap_or_default();
    // A segment of dots would lead elsewhere than it says.
    let climbs = path.split('/').any(|segment| {
        let segment = percent_decode_str(segment).decode_utf8_lossy();
        [".", ".."].contains(&&*segment)
    });
    let is_short = wanted.len() <= LONGEST;
    (is_short && !climbs).then(|| origins.target(wanted)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pg7_a_person_comes_back_to_the_own_origin_or_a_listed_one_alone() {
        let origins = RedirectOrigins::new(["https://app.example"]).unwrap();
        for bad in [
            "//evil.example",
            "\\\\evil",
            "/\\evil",
            "https:evil",
            "https://evil",
            "https://app.example.evil/",
            "https://app.example@evil/",
            "user@evil",
            "/%2e%2e/x",
            "/a/../b",
            "/x\r\nSet-Cookie:a",
            "",
            "javascript:alert(1)",
            " /x",
            "/\t/evil",
            "/./x",
            "https://app.example/../x",
            &format!("/{}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(return_to(bad, &origins), None, "{bad:?}");
        }
        for good in ["/", "/orders?id=7", "/account#sessions", "/%2f%2fevil", "https://app.example/welcome"] {
            assert!(return_to(good, &origins).is_some(), "{good}");
        }
    }

    #[test]
    fn a_query_has_what_is_given() {
        let pairs = [("return_to", Some("/a?b=c&d")), ("lang", None), ("x", Some("é"))];
        assert_eq!(with_query("/account", pairs), "/account?return_to=%2Fa%3Fb%3Dc%26d&x=%C3%A9");
    }
}

//! URLs of providers: which may be called, and how parameters are added to them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest URL, in bytes.
const LONGEST: usize = 2048;

/// What the encoding of a form leaves as it is (WHATWG URL, 5.2), apart from the space.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// A text in the encoding of a form: the space becomes `+`.
pub(super) fn form_encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string().replace("%20", "+")
}

/// Pairs as a form or a query.
pub(super) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", form_encoded(name), form_encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A URL with more parameters in its query. Its own query stays, and a fragment is cut off.
pub(super) fn with_query<'a>(url: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let separator = match url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{separator}{}", form(pairs))
}

/// Whether a URL may be called: `https`, or `http` if the configuration allows it, with a host and without a user.
pub(super) fn is_callable(url: &str, plain_http: bool) -> bool {
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if plain_http => rest,
        _ => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    url.len() <= LONGEST
        && url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !authority.is_empty()
        && !authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_as_a_form_is_read_back_by_every_server() {
        assert_eq!(form_encoded("a b:+&=%/é~"), "a+b%3A%2B%26%3D%25%2F%C3%A9%7E");
        assert_eq!(form([("a", "1"), ("b c", "")]), "a=1&b+c=");
    }

    #[test]
    fn o9_the_own_query_of_an_endpoint_stays() {
        for (url, expected) in [
            ("https://op.example/a", "https://op.example/a?x=1"),
            ("https://op.example/a?tenant=7", "https://op.example/a?tenant=7&x=1"),
            ("https://op.example/a?", "https://op.example/a?x=1"),
            ("https://op.example/a#f", "https://op.example/a?x=1"),
        ] {
            assert_eq!(with_query(url, [("x", "1")]), expected);
        }
    }

    #[test]
    fn o10_only_https_urls_of_a_host_are_called() {
        for good in ["https://op.example", "https://op.example:8443/a?b=c", "https://[2001:db8::1]/a"] {
            assert!(is_callable(good, false), "{good}");
        }
        assert!(is_callable("http://127.0.0.1:9000/a", true));
        for bad in [
            "http://op.example/a",
            "ftp://op.example",
            "https://",
            "https:///a",
            "https://user@op.example",
            "https://op.example\\@evil.example",
            "https://op.example/a b",
            "HTTPS://op.example",
            "/a",
            "",
        ] {
            assert!(!is_callable(bad, false), "{bad}");
        }
    }
}

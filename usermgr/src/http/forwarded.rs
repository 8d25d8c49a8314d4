//! The address of the client behind trusted proxies, and the scheme that it used.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr},
};

use ::http::{HeaderMap, HeaderValue, request::Parts};

/// The address that the outermost trusted proxy has seen, or the reason why it is unknown. Each proxy appends the address of its client,
/// so that all entries further left were sent by the client itself (ASVS 5.0, 15.3.4), and are ignored.
pub(super) fn client(headers: &HeaderMap, proxies: usize, forwarded: bool) -> Result<IpAddr, &'static str> {
    let lines = lines(headers, if forwarded { "forwarded" } else { "x-forwarded-for" });
    let mut entries = lines.iter().rev().flat_map(|line| from_the_end(line, ','));
    let entry = entries.nth(proxies.saturating_sub(1)).ok_or("there are fewer entries than trusted proxies")?;
    let node = if forwarded { value(entry, "for") } else { Some(entry) };
    node.and_then(address).ok_or("the entry is not an address")
}

/// The scheme that the client used, as far as the trusted proxies report it. Many of them replace `X-Forwarded-Proto`, so that it may have
/// fewer entries than there are proxies.
pub(super) fn scheme(parts: &Parts, proxies: usize, forwarded: bool) -> &'static str {
    let lines = lines(&parts.headers, if forwarded { "forwarded" } else { "x-forwarded-proto" });
    let entries = lines.iter().rev().flat_map(|line| from_the_end(line, ',')).take(proxies);
    let reported = entries.last().and_then(|entry| if forwarded { value(entry, "proto") } else { Some(entry) });
    let used = reported.or(parts.uri.scheme_str()).unwrap_or("http");
    if used.trim().trim_matches('"').eq_ignore_ascii_case("https") { "https" } else { "http" }
}

/// The values of a header. A client may have sent any bytes before the entries of the proxies.
fn lines<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Cow<'a, str>> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes).map(String::from_utf8_lossy).collect()
}

/// The parts between separators outside quotes, the last one first: so a quote that the client has left open cannot swallow an entry of
/// a proxy.
fn from_the_end(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.rsplit(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

/// The value of `for=` or `proto=` in an element of `Forwarded` (RFC 7239, 4).
fn value<'a>(element: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = from_the_end(element, ';').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// `192.0.2.1`, `2001:db8::1`, and the other forms that proxies write: with a port, in brackets, in quotes.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"').trim();
    if let Ok(address) = entry.parse() {
        return Some(address);
    }
    let is_port = |port: &str| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    if let Some((address, port)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let rest = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address.parse::<Ipv6Addr>().ok().filter(|_| rest).map(IpAddr::V6);
    }
    let (address, port) = entry.split_once(':')?;
    address.parse().ok().filter(|address: &IpAddr| address.is_ipv4() && is_port(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let header = |value: &&[u8]| (::http::HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        values.iter().map(header).collect()
    }

    #[test]
    fn l2_only_what_trusted_proxies_have_written_is_believed() {
        for (values, proxies, expected) in [
            (&[b"1.1.1.1" as &[u8]][..], 1, Some("1.1.1.1")),
            (&[b"6.6.6.6, 1.1.1.1"], 1, Some("1.1.1.1")),
            (&[b"6.6.6.6", b"1.1.1.1 , 2.2.2.2"], 2, Some("1.1.1.1")),
            (&[b"6.6.6.6,2001:db8::1"], 1, Some("2001:db8::1")),
            (&[b"1.1.1.1:54321"], 1, Some("1.1.1.1")),
            (&[b"[2001:db8::1]"], 1, Some("2001:db8::1")),
            (&[b"6.6.6.6, [2001:db8::1]:443"], 1, Some("2001:db8::1")),
            (&[b"\"[2001:db8::1]:443\""], 1, Some("2001:db8::1")),
            (&[b"\"1.1.1.1\""], 1, Some("1.1.1.1")),
            // The client has sent the entries before.
            (&[b"\xff\"', 1.1.1.1"], 1, Some("1.1.1.1")),
            (&[b"\", 1.1.1.1, 2.2.2.2"], 2, Some("1.1.1.1")),
            (&[b"1.1.1.1"], 2, None),
            (&[b"6.6.6.6, unknown"], 1, None),
            (&[b"1.1.1.1, "], 1, None),
            (&[b"[1.1.1.1]"], 1, None),
            (&[b"1.1.1.1:"], 1, None),
            (&[b"[2001:db8::1]x"], 1, None),
            (&[], 1, None),
        ] {
            let found = client(&headers("x-forwarded-for", values), proxies, false).ok();
            assert_eq!(found, expected.map(|text| text.parse().unwrap()), "{values:?} {proxies}");
            assert!(client(&headers("forwarded", values), proxies, false).is_err(), "the other one is the client's");
        }
    }

    #[test]
    fn the_scheme_is_what_the_trusted_proxies_report() {
        for (name, value, proxies, expected) in [
            ("x-forwarded-proto", "https", 1, "https"),
            ("x-forwarded-proto", "https", 0, "http"),
            ("x-forwarded-proto", "https, HTTP", 1, "http"),
            ("x-forwarded-proto", "https, http", 2, "https"),
            // A proxy has replaced what the one before it wrote.
            ("x-forwarded-proto", "https", 2, "https"),
            ("x-forwarded-proto", "gopher", 1, "http"),
            ("forwarded", "for=1.1.1.1;proto=https", 1, "https"),
            ("forwarded", "for=6.6.6.6;proto=https, for=1.1.1.1;proto=http", 1, "http"),
            ("forwarded", "for=1.1.1.1", 1, "http"),
        ] {
            let request = ::http::Request::get("/users/me").header(name, value).body(()).unwrap();
            let found = scheme(&request.into_parts().0, proxies, name == "forwarded");
            assert_eq!(found, expected, "{name}: {value} {proxies}");
        }
    }

    #[test]
    fn l2_the_standard_header_is_read_where_it_is_wanted() {
        for (values, proxies, expected) in [
            (&[b"for=1.1.1.1" as &[u8]][..], 1, Some("1.1.1.1")),
            (&[b"for=6.6.6.6, For=\"[2001:db8::1]:47011\";proto=https;host=\"a,b\""], 1, Some("2001:db8::1")),
            (&[b"for=6.6.6.6, proto=http;FOR=\"1.1.1.1:80\"", b"for=2.2.2.2"], 2, Some("1.1.1.1")),
            (&[b"for=\"6.6.6.6, for=1.1.1.1"], 1, Some("1.1.1.1")),
            (&[b"for=_hidden"], 1, None),
            (&[b"for=unknown"], 1, None),
            (&[b"by=1.1.1.1"], 1, None),
            (&[b"1.1.1.1"], 1, None),
        ] {
            let found = client(&headers("forwarded", values), proxies, true).ok();
            assert_eq!(found, expected.map(|text| text.parse().unwrap()), "{values:?} {proxies}");
            assert!(
                client(&headers("x-forwarded-for", values), proxies, true).is_err(),
                "the other one is the client's"
            );
        }
    }
}

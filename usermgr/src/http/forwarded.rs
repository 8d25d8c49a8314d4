//! The address of the client behind trusted proxies.

use std::net::{IpAddr, Ipv6Addr};

use ::http::{HeaderMap, HeaderValue};

/// The address that the outermost trusted proxy has seen, or the reason why it is unknown. Each proxy appends the address of its client,
/// so that all entries further left were sent by the client itself (ASVS 5.0, 15.3.4), and are ignored.
pub(super) fn client(headers: &HeaderMap, proxies: usize, forwarded: bool) -> Result<IpAddr, &'static str> {
    let name = if forwarded { "forwarded" } else { "x-forwarded-for" };
    // A client may have sent any bytes before the entries of the proxies.
    let lines: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).map(String::from_utf8_lossy).collect();
    let mut entries = lines.iter().rev().flat_map(|line| from_the_end(line, ','));
    let entry = entries.nth(proxies.saturating_sub(1)).ok_or("there are fewer entries than trusted proxies")?;
    let node = if forwarded { node(entry) } else { Some(entry) };
    node.and_then(address).ok_or("the entry is not an address")
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

/// The value of `for=` in an element of `Forwarded` (RFC 7239, 4).
fn node(element: &str) -> Option<&str> {
    let mut pairs = from_the_end(element, ';').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node)
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

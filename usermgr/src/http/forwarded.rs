//! The address of the client behind proxies of one's own.

use std::net::IpAddr;

use ::http::HeaderMap;

/// The address that the outermost of so many trusted proxies has seen. Each appends the one it was asked from to `X-Forwarded-For`, so
/// that what stands further left was sent by the client (ASVS 5.0, 15.3.4). Without a usable entry it is that of the connection.
pub(super) fn client(connection: Option<IpAddr>, headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let Some(skipped) = proxies.checked_sub(1) else {
        return connection;
    };
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = values.flat_map(|text| text.split(',')).collect();
    entries.iter().rev().nth(skipped).and_then(|entry| entry.trim().parse().ok()).or(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l2_only_what_trusted_proxies_have_written_is_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        for (headers, proxies, expected) in [
            (&["1.1.1.1"][..], 0, "10.0.0.1"),
            (&["1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6", "1.1.1.1 , 2.2.2.2"], 2, "1.1.1.1"),
            (&["6.6.6.6,2001:db8::1"], 1, "2001:db8::1"),
            (&["1.1.1.1"], 2, "10.0.0.1"),
            (&["6.6.6.6, unknown"], 1, "10.0.0.1"),
            (&[], 1, "10.0.0.1"),
        ] {
            let map = headers
                .iter()
                .map(|value| (::http::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap()));
            let map: HeaderMap = map.collect();
            assert_eq!(client(Some(peer), &map, proxies), Some(expected.parse().unwrap()), "{headers:?} {proxies}");
        }
    }
}

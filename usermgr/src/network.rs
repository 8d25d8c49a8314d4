//! The network of a client, without the part of the address that a client can change at will.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the name of a network: for IPv4 the address, also if it is mapped to IPv6; for IPv6 the first 64 bits, which
/// one subscriber has (RFC 6177).
pub(crate) fn name(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l2_the_spellings_and_the_host_part_of_an_address_make_no_other_network() {
        for (ip, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:0DB8:0001:0002::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(name(ip.parse().unwrap()), network);
        }
    }
}

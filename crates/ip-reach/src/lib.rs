#![doc = include_str!("../README.md")]

mod carried;
mod network;

use std::net::IpAddr;

pub use network::{CLOSED_NETWORKS, Network};

/// Who can reach an address.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reach {
    /// Everyone on the Internet, as far as firewalls let them.
    Public,
    /// Devices in the same private network: RFC 1918, RFC 4193, and RFC 6598, from which VPN meshes take theirs.
    Private,
    /// Devices on the same link; an IPv6 address of this kind means nothing without naming an interface.
    LinkLocal,
    /// No single machine: multicast, documentation, benchmarks, and what is kept for later.
    Special,
    /// This machine alone. iOS refuses to install from it.
    Loopback,
}

impl Reach {
    /// Who can reach `address`.
    ///
    /// ```
    /// use ip_reach::Reach;
    ///
    /// assert_eq!(Reach::of("100.64.0.1".parse()?), Reach::Private);
    /// assert_eq!(Reach::of("0.0.0.0".parse()?), Reach::Loopback);
    /// assert_eq!(Reach::of("203.0.113.7".parse()?), Reach::Special);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let address = carried::innermost(address);
        let mut networks = CLOSED_NETWORKS.iter().chain(network::OTHERS);
        networks.find(|network| network.contains(address)).map_or(Self::Public, |network| network.reach)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reach_is_told_at_both_edges_of_every_network() {
        for (address, expected) in [
            ("0.0.0.0", Reach::Loopback),
            ("0.255.255.255", Reach::Loopback),
            ("1.0.0.0", Reach::Public),
            ("9.255.255.255", Reach::Public),
            ("10.0.0.0", Reach::Private),
            ("10.255.255.255", Reach::Private),
            ("11.0.0.0", Reach::Public),
            ("100.63.255.255", Reach::Public),
            ("100.64.0.0", Reach::Private),
            ("100.127.255.255", Reach::Private),
            ("100.128.0.0", Reach::Public),
            ("126.255.255.255", Reach::Public),
            ("127.0.0.1", Reach::Loopback),
            ("127.255.255.255", Reach::Loopback),
            ("128.0.0.0", Reach::Public),
            ("169.253.255.255", Reach::Public),
            ("169.254.169.254", Reach::LinkLocal),
            ("169.255.0.0", Reach::Public),
            ("172.15.255.255", Reach::Public),
            ("172.16.0.0", Reach::Private),
            ("172.31.255.255", Reach::Private),
            ("172.32.0.0", Reach::Public),
            ("191.255.255.255", Reach::Public),
            ("192.0.0.0", Reach::Special),
            ("192.0.1.0", Reach::Public),
            ("192.0.2.255", Reach::Special),
            ("192.0.3.0", Reach::Public),
            ("192.167.255.255", Reach::Public),
            ("192.168.0.0", Reach::Private),
            ("192.169.0.0", Reach::Public),
            ("198.17.255.255", Reach::Public),
            ("198.18.0.0", Reach::Special),
            ("198.19.255.255", Reach::Special),
            ("198.20.0.0", Reach::Public),
            ("198.51.100.1", Reach::Special),
            ("203.0.113.1", Reach::Special),
            ("223.255.255.255", Reach::Public),
            ("224.0.0.251", Reach::Special),
            ("240.0.0.1", Reach::Special),
            ("255.255.255.255", Reach::Special),
            ("::", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("::2", Reach::Loopback),
            ("::1:0:0", Reach::Public),
            ("100::1", Reach::Special),
            ("2001:db8::1", Reach::Special),
            ("2001:db9::1", Reach::Public),
            ("3fff::1", Reach::Special),
            ("4000::1", Reach::Public),
            ("fbff::1", Reach::Public),
            ("fc00::1", Reach::Private),
            ("fdff::1", Reach::Private),
            ("fe00::1", Reach::Public),
            ("fe80::1", Reach::LinkLocal),
            ("febf::1", Reach::LinkLocal),
            ("fec0::1", Reach::Private),
            ("feff::1", Reach::Private),
            ("ff02::fb", Reach::Special),
        ] {
            assert_eq!(Reach::of(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn an_address_inside_another_counts_as_what_it_is() {
        for (address, expected) in [
            ("::ffff:10.0.0.1", Reach::Private),
            ("::ffff:8.8.8.8", Reach::Public),
            ("::127.0.0.1", Reach::Loopback),
            ("::8.8.8.8", Reach::Public),
            ("64:ff9b::127.0.0.1", Reach::Loopback),
            ("64:ff9b::c0a8:101", Reach::Private),
            ("64:ff9b::8.8.8.8", Reach::Public),
            ("64:ff9b:1::1", Reach::Private),
            ("2002:7f00:1::1", Reach::Loopback),
            ("2002:a00:1::", Reach::Private),
            ("2002:808:808::1", Reach::Public),
            // Teredo writes the client's address inverted.
            ("2001:0:808:808:0:0:80ff:fffe", Reach::Loopback),
            ("2001:0:808:808:0:0:f7f7:f7f7", Reach::Public),
        ] {
            assert_eq!(Reach::of(address.parse().unwrap()), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_clothes_make_an_address_public(bits: u32, prefix in 0_usize..4) {
            let v4 = Ipv4Addr::from_bits(bits);
            let [.., a, b] = v4.to_ipv6_mapped().segments();
            let dressed = match prefix {
                0 => v4.to_ipv6_mapped(),
                1 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
                2 => Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
                _ => Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !a, !b),
            };
            prop_assert_eq!(Reach::of(IpAddr::V6(dressed)), Reach::of(IpAddr::V4(v4)));
        }
    }
}

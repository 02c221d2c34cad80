use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Who can reach an address.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reach {
    /// Everyone on the Internet, as far as firewalls let them.
    Public,
    /// Devices in the same private network: RFC 1918, RFC 4193, and RFC 6598, from which VPN meshes take theirs.
    Private,
    /// Devices on the same link; an IPv6 address of this kind means nothing without naming an interface.
    LinkLocal,
    /// This machine alone. iOS refuses to install from it.
    Loopback,
}

/// The networks of each reach that is not public. The local CA may sign for them, and for no other addresses that it
/// was not made for.
pub(crate) const CLOSED_NETWORKS: [Network; 9] = [
    Network::v4(Reach::Private, [10, 0, 0, 0], 8),
    Network::v4(Reach::Private, [172, 16, 0, 0], 12),
    Network::v4(Reach::Private, [192, 168, 0, 0], 16),
    Network::v4(Reach::Private, [100, 64, 0, 0], 10),
    Network::v4(Reach::LinkLocal, [169, 254, 0, 0], 16),
    Network::v4(Reach::Loopback, [127, 0, 0, 0], 8),
    Network::v6(Reach::Private, 0xfc00, 7),
    Network::v6(Reach::LinkLocal, 0xfe80, 10),
    Network { reach: Reach::Loopback, first: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
];

/// A block of addresses.
pub(crate) struct Network {
    reach: Reach,
    pub(crate) first: IpAddr,
    /// Bits that all its addresses share.
    pub(crate) prefix: u8,
}

impl Network {
    const fn v4(reach: Reach, first: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = first;
        Self { reach, first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(reach: Reach, first: u16, prefix: u8) -> Self {
        Self { reach, first: IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0)), prefix }
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

impl Reach {
    /// Who can reach `address`. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) counts as what it is.
    ///
    /// ```
    /// use tls::Reach;
    ///
    /// assert_eq!(Reach::of("192.168.1.20".parse()?), Reach::Private);
    /// assert_eq!(Reach::of("2001:4860:4860::8888".parse()?), Reach::Public);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        CLOSED_NETWORKS
            .iter()
            .find(|network| network.contains(address))
            .map_or(Self::Public, |network| network.reach)
    }
}

/// An address of this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalAddress {
    /// Name of the network interface, such as `en0`.
    pub interface: String,
    /// The address.
    pub address: IpAddr,
    /// Who can reach it.
    pub reach: Reach,
}

/// The addresses of this machine's interfaces that are up: widest reach first, IPv4 before IPv6, then by interface.
///
/// # Errors
///
/// What the operating system fails with.
pub fn local_addresses() -> io::Result<Vec<LocalAddress>> {
    let mut addresses: Vec<LocalAddress> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|interface| {
            let address = interface.ip();
            LocalAddress { interface: interface.name, address, reach: Reach::of(address) }
        })
        .collect();
    addresses.sort_by(|a, b| {
        (a.reach, a.address.is_ipv6(), &a.interface).cmp(&(b.reach, b.address.is_ipv6(), &b.interface))
    });
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_told_at_both_edges_of_every_network() {
        for (address, expected) in [
            ("9.255.255.255", Reach::Public),
            ("10.0.0.0", Reach::Private),
            ("10.255.255.255", Reach::Private),
            ("11.0.0.0", Reach::Public),
            ("172.15.255.255", Reach::Public),
            ("172.16.0.0", Reach::Private),
            ("172.31.255.255", Reach::Private),
            ("172.32.0.0", Reach::Public),
            ("192.167.255.255", Reach::Public),
            ("192.168.0.0", Reach::Private),
            ("192.169.0.0", Reach::Public),
            ("100.63.255.255", Reach::Public),
            ("100.64.0.0", Reach::Private),
            ("100.127.255.255", Reach::Private),
            ("100.128.0.0", Reach::Public),
            ("169.254.1.1", Reach::LinkLocal),
            ("126.255.255.255", Reach::Public),
            ("127.0.0.1", Reach::Loopback),
            ("128.0.0.0", Reach::Public),
            ("::1", Reach::Loopback),
            ("::2", Reach::Public),
            ("fbff::1", Reach::Public),
            ("fc00::1", Reach::Private),
            ("fdff::1", Reach::Private),
            ("fe00::1", Reach::Public),
            ("fe80::1", Reach::LinkLocal),
            ("febf::1", Reach::LinkLocal),
            ("fec0::1", Reach::Public),
            ("::ffff:10.0.0.1", Reach::Private),
            ("::ffff:8.8.8.8", Reach::Public),
            ("2001:db8::1", Reach::Public),
        ] {
            assert_eq!(Reach::of(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn this_machine_has_a_loopback_address_and_it_comes_last() {
        let addresses = local_addresses().unwrap();
        assert_eq!(addresses.last().unwrap().reach, Reach::Loopback);
        assert!(addresses.is_sorted_by_key(|address| address.reach));
    }
}

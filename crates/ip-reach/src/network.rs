use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Reach;

/// A block of addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    /// Who can reach them.
    pub reach: Reach,
    /// The first of them.
    pub first: IpAddr,
    /// How many leading bits they share.
    pub prefix: u8,
}

/// Networks of one's own: private, of a link, of the machine. Devices reach them from inside.
pub const CLOSED_NETWORKS: [Network; 9] = [
    Network::v4(Reach::Private, [10, 0, 0, 0], 8),
    Network::v4(Reach::Private, [172, 16, 0, 0], 12),
    Network::v4(Reach::Private, [192, 168, 0, 0], 16),
    Network::v4(Reach::Private, [100, 64, 0, 0], 10),
    Network::v4(Reach::LinkLocal, [169, 254, 0, 0], 16),
    Network::v4(Reach::Loopback, [127, 0, 0, 0], 8),
    Network::v6(Reach::Private, [0xfc00, 0, 0], 7),
    Network::v6(Reach::LinkLocal, [0xfe80, 0, 0], 10),
    Network { reach: Reach::Loopback, first: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
];

/// All else that is not everybody's.
pub(crate) const OTHERS: &[Network] = &[
    // "This host on this network" (RFC 1122, 3.2.1.3), which systems take for the machine itself; so do they with `::`
    // and `::1`, which look as if they carried such an address.
    Network::v4(Reach::Loopback, [0, 0, 0, 0], 8),
    Network::v4(Reach::Special, [192, 0, 0, 0], 24),
    Network::v4(Reach::Special, [192, 0, 2, 0], 24),
    Network::v4(Reach::Special, [192, 88, 99, 0], 24),
    Network::v4(Reach::Special, [198, 18, 0, 0], 15),
    Network::v4(Reach::Special, [198, 51, 100, 0], 24),
    Network::v4(Reach::Special, [203, 0, 113, 0], 24),
    // Multicast, and behind it what is reserved.
    Network::v4(Reach::Special, [224, 0, 0, 0], 3),
    // NAT64 of a network's own (RFC 8215).
    Network::v6(Reach::Private, [0x64, 0xff9b, 1], 48),
    // Site-local, before there was fc00::/7 (RFC 3879).
    Network::v6(Reach::Private, [0xfec0, 0, 0], 10),
    Network::v6(Reach::Special, [0x100, 0, 0], 64),
    Network::v6(Reach::Special, [0x2001, 0x2, 0], 48),
    Network::v6(Reach::Special, [0x2001, 0xdb8, 0], 32),
    Network::v6(Reach::Special, [0x3fff, 0, 0], 20),
    Network::v6(Reach::Special, [0x5f00, 0, 0], 16),
    Network::v6(Reach::Special, [0xff00, 0, 0], 8),
];

impl Network {
    const fn v4(reach: Reach, first: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = first;
        Self { reach, first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(reach: Reach, first: [u16; 3], prefix: u8) -> Self {
        let [a, b, c] = first;
        Self { reach, first: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), prefix }
    }

    /// Whether the address is one of these.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
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

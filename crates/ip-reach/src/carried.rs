use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 address that an IPv6 address carries, where it carries one; else the address itself.
pub(crate) fn innermost(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(carrier) => carried(carrier).map_or(address, IpAddr::V4),
    }
}

fn carried(carrier: Ipv6Addr) -> Option<Ipv4Addr> {
    let two = |first: u16, second: u16| Ipv4Addr::from_bits(u32::from(first) << 16 | u32::from(second));
    match carrier.segments() {
        // IPv4-mapped, and the compatible form before it (RFC 4291, 2.5.5); NAT64 (RFC 6052, 2.1).
        [0, 0, 0, 0, 0, 0xffff | 0, first, second] | [0x64, 0xff9b, 0, 0, 0, 0, first, second] => {
            Some(two(first, second))
        }
        // 6to4 (RFC 3056).
        [0x2002, first, second, ..] => Some(two(first, second)),
        // Teredo (RFC 4380, 4).
        [0x2001, 0, .., first, second] => Some(two(!first, !second)),
        _ => None,
    }
}

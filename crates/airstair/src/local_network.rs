//! This machine in the networks around it: the addresses and the name that phones reach it by.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use ip_reach::Reach;
use tls::local_addresses;
use url::Url;

use crate::mdns_responder::{MdnsResponder, Unclaimed};

/// Where names end that are resolved by multicast DNS (RFC 6762, section 3).
const LOCAL: &str = ".local";

/// Whether the networks around resolve a name, which ends in `.local`.
pub(crate) enum LocalName {
    /// Somebody answers for it already, with these addresses.
    Answered(Vec<IpAddr>),
    /// This program answers for it as long as this is kept.
    Claimed(MdnsResponder),
    /// This program can't answer for it.
    Unclaimed(Unclaimed),
}

impl LocalName {
    /// Sees to it that phones can resolve a name that leads to these addresses.
    pub(crate) async fn see_to(name: &str, addresses: &[IpAddr], port: u16) -> Self {
        let found = tokio::net::lookup_host((name, port)).await;
        let found: Vec<IpAddr> = found.into_iter().flatten().map(|found| found.ip()).collect();
        // Many a machine's own list of hosts leads its name to itself: no phone sees that.
        if found.iter().any(|address| !address.is_loopback()) {
            return Self::Answered(found);
        }
        match MdnsResponder::claim(name, addresses, port).await {
            Ok(responder) => Self::Claimed(responder),
            Err(reason) => Self::Unclaimed(reason),
        }
    }
}

/// Whether multicast DNS resolves this name.
pub(crate) fn is_local_name(name: &str) -> bool {
    name.len() > LOCAL.len() && name.to_ascii_lowercase().ends_with(LOCAL)
}

/// `studio.local`, for a machine that calls itself `Studio` or `studio.example.com`.
pub(crate) fn own_local_name() -> Option<String> {
    let name = gethostname::gethostname().into_string().ok()?;
    let label = name.split('.').next()?.to_ascii_lowercase();
    let is_label =
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_label && label != "localhost").then(|| format!("{label}{LOCAL}"))
}

/// The addresses in private networks under which phones reach what listens at `listen`; first that of the network which
/// leads on to others, since virtual networks inside this machine have private addresses too.
pub(crate) fn private_addresses(listen: SocketAddr) -> io::Result<Vec<IpAddr>> {
    let is_served = |address: IpAddr| match listen.ip() {
        IpAddr::V4(all) if all.is_unspecified() => address.is_ipv4(),
        IpAddr::V6(all) if all.is_unspecified() => true,
        one => address == one,
    };
    let found = local_addresses()?;
    let private = found.iter().filter(|local| local.reach == Reach::Private).map(|local| local.address);
    let mut addresses: Vec<IpAddr> = private.filter(|address| is_served(*address)).collect();
    let way_out = way_out();
    addresses.sort_by_key(|address| Some(*address) != way_out);
    Ok(addresses)
}

/// The address that leads out of here. Nothing is sent to find it.
fn way_out() -> Option<IpAddr> {
    // Of RFC 5737, for documents: nobody's, and routed as everybody's.
    const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Whether one of these is an address of this machine that others can reach.
pub(crate) fn is_own(addresses: &[IpAddr]) -> bool {
    let own = local_addresses().unwrap_or_default();
    own.iter().any(|own| own.reach != Reach::Loopback && addresses.contains(&own.address))
}

/// `url` with an address for its host.
pub(crate) fn at_address(url: &Url, address: IpAddr) -> Option<Url> {
    let mut there = url.clone();
    there.set_ip_host(address).ok()?;
    Some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_multicast_dns_are_told_by_their_end() {
        for (name, local) in [
            ("studio.local", true),
            ("Studio.LOCAL", true),
            ("a.b.local", true),
            ("local", false),
            (".local", false),
            ("studio.local.example.com", false),
            ("localhost", false),
        ] {
            assert_eq!(is_local_name(name), local, "{name}");
        }
    }

    #[test]
    fn an_address_takes_the_place_of_the_host_alone() {
        let url = Url::parse("https://studio.local:8443/i/notes?a=b").unwrap();
        for (address, expected) in [
            ("192.168.1.7", "https://192.168.1.7:8443/i/notes?a=b"),
            ("fd00::7", "https://[fd00::7]:8443/i/notes?a=b"),
        ] {
            let there = at_address(&url, address.parse().unwrap());
            assert_eq!(there.map(String::from), Some(expected.to_owned()));
        }
    }

    #[test]
    fn what_listens_for_this_machine_alone_has_no_private_address() {
        assert_eq!(private_addresses(([127, 0, 0, 1], 8443).into()).unwrap(), Vec::<IpAddr>::new());
    }
}

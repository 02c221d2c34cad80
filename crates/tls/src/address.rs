use std::io;
use std::net::IpAddr;

use ip_reach::Reach;

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
    fn this_machine_has_a_loopback_address_and_it_comes_last() {
        let addresses = local_addresses().unwrap();
        assert_eq!(addresses.last().unwrap().reach, Reach::Loopback);
        assert!(addresses.is_sorted_by_key(|address| address.reach));
    }
}

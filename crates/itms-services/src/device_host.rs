use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

/// Whether `host` leads a device to itself: loopback, unspecified, or a name that always means the same machine.
///
/// Such manifests are refused with error 850 (read from decompiled daemons).
pub(crate) fn is_the_device(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            // `Url` keeps the dot that ends a fully qualified name.
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain"
        }
        Host::Ipv4(address) => is_own(*address),
        Host::Ipv6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_own(mapped),
            None => address.is_loopback() || address.is_unspecified() || is_compatible_loopback(address),
        },
    }
}

fn is_own(address: Ipv4Addr) -> bool {
    // All of 0.0.0.0/8 is "this host on this network" (RFC 1122, 3.2.1.3).
    address.is_loopback() || address.octets()[0] == 0
}

/// `::127.0.0.1`, the form before `::ffff:127.0.0.1` (RFC 4291, 2.5.5.1).
fn is_compatible_loopback(address: &Ipv6Addr) -> bool {
    address.to_ipv4().is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn every_spelling_of_the_device_itself_is_known() {
        for (url, expected) in [
            ("https://localhost/", true),
            ("https://LOCALHOST:8443/", true),
            ("https://localhost./", true),
            ("https://app.localhost/", true),
            ("https://localhost.localdomain/", true),
            ("https://127.0.0.1/", true),
            ("https://127.255.255.254/", true),
            ("https://0.0.0.0/", true),
            ("https://127.1/", true),
            ("https://2130706433/", true),
            ("https://0x7f000001/", true),
            ("https://0177.0.0.1/", true),
            ("https://[::1]/", true),
            ("https://[::]/", true),
            ("https://[::ffff:127.0.0.1]/", true),
            ("https://[::ffff:7f00:1]/", true),
            ("https://[::127.0.0.1]/", true),
            ("https://h.example/", false),
            ("https://localhost.example/", false),
            ("https://notlocalhost/", false),
            ("https://mac.local/", false),
            ("https://126.255.255.255/", false),
            ("https://128.0.0.1/", false),
            ("https://192.168.1.10/", false),
            ("https://[::2]/", false),
            ("https://[fe80::1]/", false),
            ("https://[::ffff:192.168.1.10]/", false),
        ] {
            let parsed = Url::parse(url).unwrap();
            assert_eq!(is_the_device(&parsed.host().unwrap()), expected, "{url}");
        }
    }
}

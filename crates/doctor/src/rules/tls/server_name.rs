//! Whether a certificate is for a host (RFC 9525, RFC 6125).

use std::net::IpAddr;

use signed_data::AlternativeName;

/// How a host and a name in a certificate go together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Match {
    /// The name is the host's.
    Yes,
    /// It is, by a wildcard for all that is below a single label, `*.local`, which devices likely refuse.
    ByTooWide,
    /// It is another's.
    No,
}

/// Compares a host, a name or an address without brackets, with a name in a certificate.
pub(super) fn compare(host: &str, name: &AlternativeName) -> Match {
    let is_same = match (host.parse::<IpAddr>(), name) {
        (Ok(host), AlternativeName::Address(address)) => host == *address,
        (Err(_), AlternativeName::Dns(name)) => return compare_names(simple(host), simple(name)),
        _ => false,
    };
    if is_same { Match::Yes } else { Match::No }
}

fn compare_names(host: &str, name: &str) -> Match {
    if host.eq_ignore_ascii_case(name) {
        return Match::Yes;
    }
    // A wildcard is a whole label, the leftmost, and stands for one.
    let (Some(parent), Some((label, rest))) = (name.strip_prefix("*."), host.split_once('.')) else {
        return Match::No;
    };
    match (label.is_empty() || !rest.eq_ignore_ascii_case(parent), parent.contains('.')) {
        (true, _) => Match::No,
        (false, true) => Match::Yes,
        (false, false) => Match::ByTooWide,
    }
}

/// Without the dot of the root.
fn simple(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_devices_do() {
        for (host, name, expected) in [
            ("apps.example.com", "apps.example.com", Match::Yes),
            ("apps.example.com", "APPS.Example.Com", Match::Yes),
            ("apps.example.com.", "apps.example.com", Match::Yes),
            ("apps.example.com", "*.example.com", Match::Yes),
            ("apps.example.com", "*.EXAMPLE.com", Match::Yes),
            ("example.com", "*.example.com", Match::No),
            (".example.com", "*.example.com", Match::No),
            ("a.b.example.com", "*.example.com", Match::No),
            ("apps.example.com", "a*.example.com", Match::No),
            ("apps.example.com", "*s.example.com", Match::No),
            ("apps.example.com", "apps.*.com", Match::No),
            ("apps.example.com", "*", Match::No),
            ("apps.example.com", "", Match::No),
            ("apps.example.com", "example.com", Match::No),
            ("mac.local", "*.local", Match::ByTooWide),
            ("mac.local", "mac.local", Match::Yes),
            ("192.0.2.7", "192.0.2.7", Match::No),
            ("192.0.2.7", "*.0.2.7", Match::No),
        ] {
            let name = AlternativeName::Dns(name.to_owned());
            assert_eq!(compare(host, &name), expected, "{host} and {name:?}");
        }
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        for (host, address, expected) in [
            ("192.0.2.7", "192.0.2.7", Match::Yes),
            ("192.0.2.7", "192.0.2.8", Match::No),
            ("2001:db8:0:0::7", "2001:db8::7", Match::Yes),
            ("apps.example.com", "192.0.2.7", Match::No),
        ] {
            let name = AlternativeName::Address(address.parse().expect("it is an address"));
            assert_eq!(compare(host, &name), expected, "{host} and {address}");
        }
    }
}

use std::collections::BTreeSet;
use std::sync::LazyLock;

use doctor::Anchor;
use egress::CertificateDer;
use signed_data::{Authorities, Authority, Certificate, Chain, Limits};

/// The roots that a server's certificate may come from.
#[derive(Clone, Debug)]
pub(crate) struct Roots {
    authorities: Authorities,
    given: Vec<Certificate>,
}

/// Mozilla's, which are read once.
static PUBLIC: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let read = |root: &CertificateDer<'_>| Certificate::read(root, &Limits::default()).ok();
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(read).collect()
});

/// SHA-256 in hexadecimal, a space and a name in each line, by digest.
const SHIPPED_ROOTS: &str = include_str!("roots/apple.txt");

/// The digests of the roots that Apple's devices come with.
static SHIPPED: LazyLock<BTreeSet<[u8; 32]>> = LazyLock::new(|| {
    let digest = |row: &str| {
        let mut digest = [0; 32];
        for (place, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(row.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(digest)
    };
    SHIPPED_ROOTS.lines().filter_map(digest).collect()
});

impl Roots {
    /// The public roots, and those that were given.
    pub(crate) fn new(given: Vec<Certificate>) -> Self {
        let roots = given.iter().chain(PUBLIC.iter()).cloned().collect();
        Self { authorities: Authorities::new(roots, Vec::new()), given }
    }

    /// From a server's certificate up, by what it sent and these roots.
    pub(crate) fn chain(&self, leaf: &Certificate, sent: &[Certificate]) -> (Chain, Anchor) {
        let chain = Chain::build(leaf, sent, &self.authorities);
        let anchor = match chain.authority {
            Authority::Apple if self.given.contains(chain.last()) => Anchor::Given,
            Authority::Apple if SHIPPED.contains(&chain.last().sha256()) => Anchor::Shipped,
            Authority::Apple => Anchor::Public,
            _ => Anchor::Unknown,
        };
        (chain, anchor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_that_most_servers_come_from_are_on_devices() {
        for name in ["ISRG Root X1", "GTS Root R1", "DigiCert Global Root G2", "Amazon Root CA 1"] {
            let root = PUBLIC.iter().find(|root| root.subject().common_name() == Some(name));
            assert!(root.is_some_and(|root| SHIPPED.contains(&root.sha256())), "{name}");
        }
    }

    #[test]
    fn every_row_of_the_list_is_read() {
        let rows: Vec<&str> = SHIPPED_ROOTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(rows.is_sorted());
        assert_eq!((rows.len(), SHIPPED.len()), (156, 156));
    }
}

//! What authorities say of revoked certificates: as `testkit` makes it, sound and with one thing wrong, and as OpenSSL
//! does.

mod lists;
mod openssl;
mod responses;

use signed_data::{Certificate, Limits};
use testkit::pki::{self, Chain, LeafKind};
use time::UtcDateTime;
use time::macros::utc_datetime;

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);

fn read(certificate: &pki::Certificate) -> Certificate {
    Certificate::read(&certificate.der, &Limits::default()).expect("testkit makes sound certificates")
}

fn chain() -> Chain {
    Chain::new("A1B2C3D4E5", LeafKind::Distribution, NOW)
}

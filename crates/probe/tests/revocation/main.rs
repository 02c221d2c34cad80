//! A real responder on this computer, as Apple's is and as others are, and what is told of the certificates that name it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod authority;
mod judged;
mod servers;

use probe::RevocationCheck;
use signed_data::{Certificate, Limits};
use testkit::app::AppPackage;
use testkit::pki;
use time::UtcDateTime;
use time::macros::utc_datetime;

const NOW: UtcDateTime = AppPackage::NOW;
const REVOKED_AT: UtcDateTime = utc_datetime!(2026-05-04 03:02:01);

fn check(may_reach_private: bool) -> RevocationCheck {
    let options = egress::Options { may_reach_private, ..egress::Options::default() };
    RevocationCheck::new(egress::Client::new(options), NOW)
}

fn read(certificate: &pki::Certificate) -> Certificate {
    Certificate::read(&certificate.der, &Limits::default()).unwrap()
}

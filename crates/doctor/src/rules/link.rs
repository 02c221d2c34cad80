pub(super) mod action_missing_or_wrong;
pub(super) mod double_escaped_ampersand;
pub(super) mod link_inside_link;
pub(super) mod manifest_host_is_the_device;
pub(super) mod manifest_url_encoded_twice;
pub(super) mod manifest_url_invalid;
pub(super) mod manifest_url_missing;
pub(super) mod manifest_url_not_absolute;
pub(super) mod manifest_url_not_encoded;
pub(super) mod manifest_url_not_https;
pub(super) mod scheme_not_lowercase;
pub(super) mod secret_in_query;
pub(super) mod wrong_scheme;

use itms_services::{InstallLink, LinkFault, LinkReading};

use crate::rule::{Checked, Fault, found_all};
use crate::{Evidence, EvidencePlace};

/// What the reading of the link says under this name: links are diagnosed where they are read, since what was meant
/// and what a device takes must be found together.
fn told(link: &LinkReading, name: &str) -> Checked {
    let still_has = |repaired: &InstallLink| {
        InstallLink::parse(repaired.as_str()).faults().iter().any(|fault| fault.name() == name)
    };
    let repaired = link.repaired().filter(|repaired| !still_has(repaired));
    let fault = |fault: &LinkFault| {
        let told = Fault::new(fault.to_string());
        let told = match fault.offset() {
            Some(at) => told.at(Evidence::at(EvidencePlace::LinkOffset, at)),
            None => told,
        };
        match repaired {
            Some(repaired) => told.mended_by(format!("use this link: {repaired}")),
            None => told,
        }
    };
    found_all(link.faults().iter().filter(|found| found.name() == name).map(fault))
}

//! Any text as a link, plain and out of HTML, and as a manifest URL and a user agent.

#![no_main]

use itms_services::{InstallLink, InstallerAgent, LinkOutcome};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for reading in [InstallLink::parse(text), InstallLink::from_html_attribute(text)] {
        if reading.faults().is_empty() {
            assert!(
                matches!(reading.outcome(), LinkOutcome::Fetched { .. }),
                "a link without faults is fetched"
            );
        }
        for fault in reading.faults() {
            let _ = fault.to_string();
        }
        if let Some(repaired) = reading.repaired() {
            assert_eq!(InstallLink::parse(repaired.as_str()).repaired(), None, "mended once is mended");
        }
    }
    if let Ok(link) = InstallLink::new(text) {
        let read = InstallLink::from_html_attribute(link.to_html_attribute().as_str());
        assert_eq!(read.link(), link.as_str());
        assert_eq!(InstallLink::new(link.manifest_url()).expect("a normal form"), link);
    }
    let _ = InstallerAgent::parse(text);
});

use ipa::{Bundle, BundleKind, OsVersion, SigningKind};
use time::UtcDateTime;
use time::macros::utc_datetime;

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The app is signed for development, so the device must be in Developer Mode.
pub(crate) static RULE: Rule = Rule {
    code: "PRF011",
    name: "needs-developer-mode",
    severity: Severity::Note,
    evidence: EvidenceKind::Documented,
    station: Station::Device,
    device_shows: "\"Developer Mode Required\" when the app is opened",
    fix: "on the device: Settings, Privacy & Security, Developer Mode; it restarts",
    explains: &[],
    page: include_str!("needs_developer_mode.md"),
    check: Check::EachBundle(check),
};

/// When iOS 16 came out, which brought the mode.
const IOS_16: UtcDateTime = utc_datetime!(2022-09-12 17:00);

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    let has_mode = match facts.device.os {
        Some(OsVersion { major, .. }) => major >= 16,
        None => facts.now >= IOS_16,
    };
    if bundle.kind == BundleKind::App && profile.kind == SigningKind::Development && has_mode {
        return found(Fault::new("it is signed for development, and opens only in Developer Mode"));
    }
    clean()
}

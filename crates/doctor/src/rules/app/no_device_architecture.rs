use ipa::{Bundle, BundleKind, Cpu};
use time::UtcDateTime;
use time::macros::utc_datetime;

use super::executable;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The executable has no code for the processor of a device.
pub(crate) static RULE: Rule = Rule {
    code: "APP007",
    name: "no-device-architecture",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "build for a device: archive with the destination \"Any iOS Device (arm64)\", then export",
    explains: &[],
    page: include_str!("no_device_architecture.md"),
    check: Check::EachBundle(check),
};

/// When iOS 11 came out, which runs 64-bit code only.
const IOS_11: UtcDateTime = utc_datetime!(2017-09-19 17:00);

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let executable = executable(bundle)?;
    let is_of_watch = bundle.kind == BundleKind::WatchApp || bundle.path.contains("/Watch/");
    let runs = |cpu: Cpu| match cpu {
        Cpu::Arm64 | Cpu::Arm64e => true,
        Cpu::Arm64_32 | Cpu::Armv7k => is_of_watch,
        Cpu::Armv7 | Cpu::Armv7s => !is_of_watch && facts.now < IOS_11,
        _ => false,
    };
    if executable.slices.iter().any(|slice| runs(slice.cpu)) {
        return clean();
    }
    let found_cpus: Vec<String> = executable.slices.iter().map(|slice| slice.cpu.to_string()).collect();
    let wanted = if is_of_watch { "arm64, arm64_32 or armv7k" } else { "arm64" };
    found(Fault::new(format!("its executable is for {}, not for {wanted}", found_cpus.join(", "))))
}

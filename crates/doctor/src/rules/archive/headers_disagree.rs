use ipa::{ArchiveWalk, DescriptorFault, Difference};

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An entry's own header and the archive's directory say different things of it.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP003",
    name: "headers-disagree",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &[
        "info-plist-unreadable",
        "info-plist-missing",
        "executable-missing",
        "profile-unreadable",
        "signature-unreadable",
        "entry-not-listed",
        "gap-between-entries",
    ],
    page: include_str!("headers_disagree.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    let stream = measured(&walk.stream)?;
    let missing = first_of(&stream.missing_headers, |entry| {
        Fault::new(format!("{} has no header where the directory places it", entry.name)).at(place(entry))
    })?;
    let differing = first_of(&stream.disagreements, |one| {
        let (field, local, central) = told(&one.difference);
        let name = &one.entry.name;
        let message =
            format!("the {field} of {name} is {local} in its header and {central} in the directory");
        let fault = Fault::new(message).at(place(&one.entry));
        if matters(&one.difference) { fault } else { fault.lighter(Severity::Warning) }
    })?;
    // A descriptor without its signature is within the format.
    let odd = stream.descriptors.first.iter().find_map(|odd| {
        let name = &odd.entry.name;
        let fault = match odd.fault {
            DescriptorFault::Differs { .. } => {
                Fault::new(format!("the size or checksum behind {name} is another than in the directory"))
            }
            // What a device does without it is not known.
            DescriptorFault::Missing => {
                let message = format!("behind {name} its size and checksum are missing, which it announces");
                Fault::new(message).lighter(Severity::Warning)
            }
            _ => return None,
        };
        Some(fault.at(place(&odd.entry)))
    });
    Ok([missing, differing, odd.into_iter().collect()].concat())
}

/// Whether a device that reads forwards goes astray by it. Of the flags it heeds encryption and where sizes stand.
fn matters(difference: &Difference) -> bool {
    match difference {
        Difference::Flags { local, central } => (local ^ central) & 0b1001 != 0,
        _ => true,
    }
}

fn told(difference: &Difference) -> (&'static str, String, String) {
    match difference {
        Difference::Name { local, central } => ("name", format!("{local:?}"), format!("{central:?}")),
        Difference::Method { local, central } => ("method", local.to_string(), central.to_string()),
        Difference::Flags { local, central } => ("flags", format!("{local:#06x}"), format!("{central:#06x}")),
        Difference::Crc32 { local, central } => {
            ("checksum", format!("{local:08x}"), format!("{central:08x}"))
        }
        Difference::CompressedSize { local, central } => {
            ("compressed size", local.to_string(), central.to_string())
        }
        Difference::Size { local, central } => ("size", local.to_string(), central.to_string()),
    }
}

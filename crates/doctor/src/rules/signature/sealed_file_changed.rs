use ipa::{Bundle, CodePages, CodeSignature, Fact, Resources, Seal, Seen};
use signed_data::SignatureFault;

use super::{compared, device_slice, signature};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// How many files of a kind are named.
const SHOWN: usize = 5;

/// Something in the app was changed after it was signed.
pub(crate) static RULE: Rule = Rule {
    code: "SIG009",
    name: "sealed-file-changed",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "make the change before signing, or sign again",
    explains: &[],
    page: include_str!("sealed_file_changed.md"),
    check: Check::EachCode(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let signature = signature(bundle)?;
    let mut faults = changed_seals(bundle, signature);
    faults.extend(changed_code(bundle, signature));
    faults.extend(changed_files(bundle));
    if faults.is_empty() {
        compared(facts)?;
        all_compared(bundle)?;
    }
    Ok(faults)
}

/// What the CodeDirectory itself has digests of, beside the code.
fn changed_seals(bundle: &Bundle, signature: &CodeSignature) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Fact::Known(signer) = &signature.signer
        && signer.signature == Err(SignatureFault::OtherContent)
    {
        faults.push(Fault::new("its CodeDirectory is not the one that was signed"));
    }
    let seals = signature.strongest_seals();
    let sealed = [
        ("Info.plist", &seals.info_plist),
        ("_CodeSignature/CodeResources", &seals.resources),
        ("its entitlements", &seals.entitlements),
        ("its entitlements in DER", &seals.der_entitlements),
        ("its requirements", &seals.requirements),
    ];
    for (what, seal) in sealed {
        let message = match seal {
            Fact::Known(Seal::Broken) => format!("{what} changed after signing"),
            Fact::Known(Seal::Missing) => format!("{what} was signed and is gone"),
            _ => continue,
        };
        let fault = Fault::new(message);
        faults.push(if what.starts_with("its ") { fault } else { fault.at(file(bundle, what)) });
    }
    faults
}

fn changed_code(bundle: &Bundle, signature: &CodeSignature) -> Option<Fault> {
    let slice = device_slice(bundle)?;
    let CodePages { compared, changed } = slice.pages.known()?;
    let first = *changed.first.first()?;
    let message = match signature.strongest().page_bytes {
        Some(bytes) => {
            let start = bytes * first as u64;
            format!(
                "page {} of {compared} of its {} code changed after signing, from byte {start} on",
                first + 1,
                slice.cpu
            )
        }
        None => format!("its {} code changed after signing", slice.cpu),
    };
    let fault = Fault::new(message);
    let fault = if changed.count > 1 { fault.and_more(changed.count - 1) } else { fault };
    let name = bundle.info.known().and_then(|info| info.executable.known());
    Some(match name {
        Some(name) => fault.at(file(bundle, name)),
        None => fault,
    })
}

/// What `CodeResources` lists: one fault for each way in which files differ from it.
fn changed_files(bundle: &Bundle) -> Vec<Fault> {
    let Fact::Known(resources) = &bundle.resources else { return Vec::new() };
    let kinds = [
        (&resources.changed, "changed after signing"),
        (&resources.missing, "was signed and is gone"),
        (&resources.added, "was added after signing"),
    ];
    let fault = |(files, what): (&Seen<String>, &str)| {
        let first = files.first.first()?;
        let fault = Fault::new(format!("{first} {what}"));
        let fault = if files.count > 1 { fault.and_more(files.count - 1) } else { fault };
        let shown = files.first.iter().take(SHOWN);
        Some(shown.fold(fault, |fault, name| fault.at(file(bundle, name))))
    };
    kinds.into_iter().filter_map(fault).collect()
}

/// Goes on where nothing was left out of the comparison.
fn all_compared(bundle: &Bundle) -> Result<(), NotJudged> {
    if let Some(Fact::NotMeasured(reason)) = device_slice(bundle).map(|slice| &slice.pages) {
        return Err(NotJudged::NotMeasured(format!("its code was not compared: {reason}")));
    }
    match &bundle.resources {
        Fact::NotMeasured(reason) => {
            Err(NotJudged::NotMeasured(format!("its files were not compared: {reason}")))
        }
        Fact::Known(Resources { unchecked, .. }) if !unchecked.is_empty() => {
            let first = unchecked.first.first().map_or("", String::as_str);
            Err(NotJudged::NotMeasured(match unchecked.count {
                1 => format!("{first} could not be compared with its seal"),
                count => format!("{first} and {} more could not be compared with their seals", count - 1),
            }))
        }
        _ => Ok(()),
    }
}

fn file(bundle: &Bundle, name: &str) -> Evidence {
    Evidence::at(EvidencePlace::Entry, format_args!("{}/{name}", bundle.path))
}

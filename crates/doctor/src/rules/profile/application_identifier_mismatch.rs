use ipa::Bundle;

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The profile is for another app.
pub(crate) static RULE: Rule = Rule {
    code: "PRF008",
    name: "application-identifier-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "make a profile for this bundle identifier, and sign with it",
    explains: &[],
    page: include_str!("application_identifier_mismatch.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    let bundle_id = measured(&measured(&bundle.info)?.bundle_id)?.as_str();
    let Some(allowed) = profile.application_identifier() else {
        let key = Evidence::key(bundle, "embedded.mobileprovision", "Entitlements.application-identifier");
        return found(Fault::new("its provisioning profile names no app").at(key));
    };
    // A prefix of ten characters stands before the identifier, which has full stops of its own.
    let Some((_, pattern)) = allowed.split_once('.') else {
        return found(Fault::new(format!("its provisioning profile is for {allowed:?}, which is no app")));
    };
    if covers(pattern, bundle_id) {
        return clean();
    }
    let key = Evidence::key(bundle, "embedded.mobileprovision", "Entitlements.application-identifier");
    let message = format!("its provisioning profile is for {pattern:?}, and it is {bundle_id:?}");
    found(Fault::new(message).at(key.seen(allowed)))
}

/// Whether a profile for `pattern` covers an app: the same identifier, or all of it, or a beginning before `*`.
fn covers(pattern: &str, bundle_id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => {
            bundle_id.starts_with(beginning) && (beginning.is_empty() || bundle_id.len() > beginning.len())
        }
        None => pattern == bundle_id,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_stands_for_the_rest_and_for_something() {
        for (pattern, bundle_id, expected) in [
            ("com.example.notes", "com.example.notes", true),
            ("com.example.notes", "com.example.notes.beta", false),
            ("com.example.notes", "com.example.Notes", false),
            ("*", "com.example.notes", true),
            ("com.example.*", "com.example.notes", true),
            ("com.example.*", "com.example.", false),
            ("com.example.*", "com.examples.notes", false),
        ] {
            assert_eq!(covers(pattern, bundle_id), expected, "{pattern} {bundle_id}");
        }
    }
}

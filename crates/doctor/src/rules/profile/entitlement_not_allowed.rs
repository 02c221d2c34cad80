use bounded_plist::Value;
use ipa::Bundle;

use crate::rule::{Check, Checked, Fault, Rule, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The app claims an entitlement that its profile does not allow.
pub(crate) static RULE: Rule = Rule {
    code: "PRF009",
    name: "entitlement-not-allowed",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "add the capability to the app's identifier, renew the profile, and sign again; or drop the claim",
    explains: &[],
    page: include_str!("entitlement_not_allowed.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signature = bundle.signature();
    let claimed = measured(&measured(&signature)?.entitlements)?;
    let allowed = measured(&measured(&bundle.profile)?.entitlements)?;
    // Which app the profile is for is another rule's business.
    let claims = claimed.iter().filter(|(key, _)| *key != "application-identifier");
    let excess = claims.filter(|(key, claim)| !allows(allowed.get(key), claim));
    Ok(excess
        .map(|(key, claim)| {
            let message = match allowed.get(key) {
                None => format!("it claims {key:?}, which its profile does not allow at all"),
                Some(allowed) => format!(
                    "it claims {} for {key:?}, and its profile allows {}",
                    shown(claim),
                    shown(allowed)
                ),
            };
            let place = Evidence::key(bundle, "embedded.mobileprovision", &format!("Entitlements.{key}"));
            Fault::new(message).at(place)
        })
        .collect())
}

/// Whether a profile that has `allowed` lets an app claim this.
fn allows(allowed: Option<&Value>, claim: &Value) -> bool {
    if claim.as_bool() == Some(false) {
        return true;
    }
    let Some(allowed) = allowed else { return false };
    match (allowed, claim) {
        (Value::Array(allowed), Value::Array(claims)) => {
            claims.iter().all(|claim| allowed.iter().any(|allowed| allows_one(allowed, claim)))
        }
        (Value::Array(allowed), claim) => allowed.iter().any(|allowed| allows_one(allowed, claim)),
        (allowed, Value::Array(claims)) => claims.iter().all(|claim| allows_one(allowed, claim)),
        (allowed, claim) => allows_one(allowed, claim),
    }
}

fn allows_one(allowed: &Value, claim: &Value) -> bool {
    match (allowed.as_str(), claim.as_str()) {
        (Some(pattern), Some(claim)) => match pattern.strip_suffix('*') {
            Some(beginning) => claim.starts_with(beginning),
            None => pattern == claim,
        },
        _ => allowed == claim,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Array(values) => {
            const SHOWN: usize = 5;
            let mut parts: Vec<String> = values
                .iter()
                .take(SHOWN)
                .map(|value| match value.as_str() {
                    Some(text) => format!("{text:?}"),
                    None => value.kind().to_string(),
                })
                .collect();
            if values.len() > SHOWN {
                parts.push(format!("{} more", values.len() - SHOWN));
            }
            parts.join(", ")
        }
        other => other.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use bounded_plist::Value;

    use super::allows;

    #[test]
    fn a_claim_is_allowed_by_its_equal_a_star_or_a_list_that_has_it() {
        let text = |text: &str| Value::String(text.to_owned());
        let list = |texts: &[&str]| Value::Array(texts.iter().map(|one| text(one)).collect());
        for (allowed, claim, expected, why) in [
            (Some(text("production")), text("production"), true, "equal"),
            (Some(text("development")), text("production"), false, "another value"),
            (Some(text("*")), text("anything"), true, "a star"),
            (Some(text("A1B2C3D4E5.*")), text("A1B2C3D4E5.com.example"), true, "a prefix"),
            (Some(text("A1B2C3D4E5.*")), text("F6G7H8I9J0.com.example"), false, "another prefix"),
            (Some(list(&["a", "b"])), list(&["b"]), true, "a part of the list"),
            (Some(list(&["a", "b"])), list(&["c"]), false, "not in the list"),
            (Some(list(&["Development", "Production"])), text("Production"), true, "one of several"),
            (Some(text("*")), list(&["applinks:example.com"]), true, "a star for a list"),
            (Some(Value::Boolean(true)), Value::Boolean(false), true, "less than allowed"),
            (Some(Value::Boolean(false)), Value::Boolean(true), false, "more than allowed"),
            (None, Value::Boolean(false), true, "nothing claimed"),
            (None, text("production"), false, "not allowed at all"),
        ] {
            assert_eq!(allows(allowed.as_ref(), &claim), expected, "{why}");
        }
    }
}

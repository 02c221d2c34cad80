use super::known_issuer::{advice, advice_on};
use super::origin::{Origin, origin};
use super::{at, leaf, spoken};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::authority::named;
use crate::rules::wording::quoted;
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The certificate comes from a root that devices don't have by themselves.
pub(crate) static RULE: Rule = Rule {
    code: "TLS006",
    name: "private-root",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, unless the root is installed and trust for it is switched on",
    fix: "on each device install the root's profile, and switch it on under Settings, General, About, Certificate Trust Settings; or use a public certificate",
    explains: &[],
    page: include_str!("private_root.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let origin = origin(host, facts)?;
    let leaf = leaf(spoken(host)?)?;
    let title = host.title();
    let (fault, root, advice) = match origin {
        Origin::Given(root) if root == leaf => {
            let message =
                format!("the certificate of {title} is itself the root that was given; each device needs it");
            (Fault::new(message).lighter(Severity::Note), at(root), None)
        }
        Origin::Given(root) => {
            let message = format!(
                "the certificate of {title} comes from {}, a root that was given; each device needs it",
                named(root)
            );
            (Fault::new(message).lighter(Severity::Note), at(root), None)
        }
        Origin::Public(root) => {
            let message = format!(
                "the certificate of {title} comes from {}, a public root of which it is not known whether Apple's devices have it",
                named(root)
            );
            let advice = "look for the root in Apple's list (support.apple.com/103272); where it is there, all is well";
            (Fault::new(message), at(root), Some(advice))
        }
        Origin::PrivateRoot(root) => {
            let message = format!(
                "the certificate of {title} comes from {}, a root that devices do not have by themselves",
                named(root)
            );
            (Fault::new(message), at(root), advice(root))
        }
        Origin::Unseen(issuer) => {
            let name = issuer.common_name().or(issuer.organization());
            let name = name.map_or_else(|| "an issuer without a name".to_owned(), quoted);
            let is_given = facts.given_roots.iter().any(|root| root.subject() == issuer);
            let tail = if is_given {
                "; the root of this name that was given has another key"
            } else {
                ", which devices do not have by themselves"
            };
            (
                Fault::new(format!("the certificate of {title} comes from {name}{tail}")),
                at(leaf),
                advice_on(issuer),
            )
        }
        _ => return clean(),
    };
    let fault = fault.at(root);
    found(match advice {
        Some(advice) => fault.mended_by(advice),
        None => fault,
    })
}

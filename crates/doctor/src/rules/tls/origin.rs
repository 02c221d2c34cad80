//! Where a certificate comes from, and whether devices know it.

use signed_data::{Authority, Certificate, Chain, ChainFault, Name, ObjectIdentifier, SignatureFault};

use super::{leaf, spoken};
use crate::rule::NotJudged;
use crate::{Anchor, Facts, Host};

/// Where a host's certificate comes from.
#[derive(Debug)]
pub(super) enum Origin<'a> {
    /// From a root that devices come with.
    Shipped,
    /// From a public root of which it is not known whether devices have it.
    Public(&'a Certificate),
    /// From a root that the caller trusts.
    Given(&'a Certificate),
    /// From nobody but itself.
    Itself,
    /// From a root that nobody knows, and that was sent.
    PrivateRoot(&'a Certificate),
    /// From somebody whose certificate was not sent, and nothing says that it would be more than a private root.
    Unseen(&'a Name),
    /// From somebody whose certificate is missing, and who has it from somebody else.
    Missing {
        /// The issuer.
        issuer: &'a Name,
        /// The last certificate that is there.
        last: &'a Certificate,
        /// Why it is more than a root that need not be sent.
        why: &'static str,
    },
    /// From somebody who has not issued it, or might not.
    Broken {
        /// The last certificate that holds.
        last: &'a Certificate,
        /// What is wrong.
        fault: &'a ChainFault,
    },
}

/// Where the host's certificate comes from, as far as that can be told.
pub(super) fn origin<'a>(host: &'a Host, facts: &Facts<'_>) -> Result<Origin<'a>, NotJudged> {
    let tls = spoken(host)?;
    let leaf = leaf(tls)?;
    let chain = tls.chain.as_ref().ok_or(NotJudged::NotMine)?;
    let last = chain.last();
    Ok(match (&chain.authority, tls.anchor) {
        (Authority::Apple, Anchor::Shipped) => Origin::Shipped,
        (Authority::Apple, Anchor::Public) => Origin::Public(last),
        (Authority::Apple, Anchor::Given | Anchor::Unknown) => Origin::Given(last),
        (Authority::Other, _) if chain.certificates.len() == 1 => Origin::Itself,
        (Authority::Other, _) => Origin::PrivateRoot(last),
        (Authority::Incomplete { missing }, _) => match is_missing(chain, missing, facts) {
            Some(why) => Origin::Missing { issuer: missing, last, why },
            None => Origin::Unseen(missing),
        },
        // Whether that signature holds need not be known where nobody else is named.
        (Authority::Broken(ChainFault::Signature(_)), _)
            if last == leaf && leaf.subject() == leaf.issuer() =>
        {
            Origin::Itself
        }
        (Authority::Broken(ChainFault::Signature(fault @ SignatureFault::Unchecked { .. })), _) => {
            return Err(NotJudged::NotMeasured(fault.to_string()));
        }
        (Authority::Broken(fault), _) => Origin::Broken { last, fault },
        _ => return Err(NotJudged::NotMeasured("the chain ends in a way that is not known".to_owned())),
    })
}

/// Why the missing issuer is no root that need not be sent, if anything says so.
fn is_missing(chain: &Chain, issuer: &Name, facts: &Facts<'_>) -> Option<&'static str> {
    let last = chain.last();
    if says_intermediate(issuer) {
        return Some("its name says that it is no root");
    }
    if last.issuers_issuer().is_some_and(|above| above != *issuer) {
        return Some("the certificate says that another issued it");
    }
    if !facts.given_roots.is_empty() && facts.given_roots.iter().all(|root| root.subject() != issuer) {
        return Some("it is no root that was given");
    }
    // Of an authority's own certificate these say little: it has them below private roots as well.
    if chain.certificates.len() > 1 {
        return None;
    }
    if last.issuer_locations().iter().any(|location| is_of_web(location)) {
        Some("the certificate says where it is to be had")
    } else if is_logged(last) || last.policies().iter().any(is_public_policy) {
        Some("it is a public authority")
    } else {
        None
    }
}

/// Words by which authorities below others are called.
const BELOW: [&str; 5] = ["intermediate", "issuing", "sub", "subca", "subordinate"];

fn says_intermediate(name: &Name) -> bool {
    name.attributes().iter().any(|part| {
        let text = part.text.to_lowercase();
        text.split(|c: char| !c.is_alphanumeric()).any(|word| BELOW.contains(&word))
    })
}

/// Directories (`ldap:`) are private.
pub(super) fn is_of_web(location: &str) -> bool {
    let scheme = location.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// Whether public logs have acknowledged it (RFC 6962, 3.3).
fn is_logged(certificate: &Certificate) -> bool {
    certificate.extension(ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2")).is_some()
}

/// The policies of the CA/Browser Forum, which public authorities alone name.
fn is_public_policy(policy: &ObjectIdentifier) -> bool {
    let policy = policy.to_string();
    policy == "2.23.140.1.1" || policy.starts_with("2.23.140.1.2.")
}

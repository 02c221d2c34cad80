//! From a certificate to the authority it comes from.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::element::{Element, SEQUENCE};
use crate::signature::{self, SignatureFault};
use crate::{Authorities, Certificate, Name};

/// The most certificates of a chain; Apple's have three.
const LENGTH: usize = 8;
/// The most signatures that are checked for one chain, whatever a message is stuffed with.
const CHECKS: usize = 64;

/// The certificates from a signer to an authority, each issued by the next, and how far that goes.
///
/// Dates break no chain, since nobody here knows the moment that counts: see [`Chain::not_valid_at`].
#[derive(Clone, Eq, PartialEq)]
pub struct Chain {
    /// The certificate the chain starts at, then its issuer, and so on. Never empty.
    pub certificates: Vec<Certificate>,
    /// What stands at its end.
    pub authority: Authority,
}

/// How a [`Chain`] ends.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Authority {
    /// At one of the given roots, which is the chain's last certificate: Apple's, where [`Authorities::apple`] were
    /// given.
    Apple,
    /// At a certificate that has issued itself and is none of the given roots; the chain's last. It may be anybody's,
    /// or a root newer than those given.
    Other,
    /// Before the end: the certificate of this issuer is neither in the message nor among those given.
    Incomplete {
        /// The issuer of the chain's last certificate.
        missing: Name,
    },
    /// At a certificate that its issuer has not issued, or might not; the chain's last is the one not issued rightly.
    Broken(ChainFault),
}

/// Why an issuer does not stand for a certificate that names it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// The issuer's key did not sign it.
    #[error("its issuer has not signed it: {0}")]
    Signature(#[from] SignatureFault),
    /// The certificate named as issuer is none of an authority (RFC 5280 4.2.1.9, 4.2.1.3).
    #[error("its issuer may not issue certificates")]
    NotAnAuthority,
    /// The issuer may have fewer authorities below it (`pathLenConstraint`).
    #[error("its issuer allows at most {allowed} authorities below it, and {found} are there")]
    PathLength {
        /// How many it allows.
        allowed: usize,
        /// How many there are.
        found: usize,
    },
    /// The chain goes on and on.
    #[error("no authority after {LENGTH} certificates, or {CHECKS} signatures checked")]
    TooLong,
}

impl Chain {
    /// Looks for the issuers of `certificate` among those of a message and of `authorities`.
    ///
    /// It follows one issuer at a time and never goes back, so that its cost is bounded: at most 8 certificates and 64
    /// signatures. Of several issuers of one name, the one counts whose key fits; of several that fit, a given root,
    /// then one that may issue, then the one that is valid longest.
    #[must_use]
    pub fn build(certificate: &Certificate, among: &[Certificate], authorities: &Authorities) -> Self {
        let mut chain = Self { certificates: vec![certificate.clone()], authority: Authority::Other };
        let mut checks = CHECKS;
        chain.authority = loop {
            let last = chain.last();
            if authorities.roots().contains(last) {
                break Authority::Apple;
            }
            match chain.issuer(among, authorities, &mut checks) {
                Ok(Some(issuer)) if issuer == last => break Authority::Other,
                Ok(Some(_)) if chain.certificates.len() == LENGTH => {
                    break Authority::Broken(ChainFault::TooLong);
                }
                Ok(Some(issuer)) => {
                    let issuer = issuer.clone();
                    chain.certificates.push(issuer);
                }
                Ok(None) => break Authority::Incomplete { missing: last.issuer().clone() },
                Err(fault) => break Authority::Broken(fault),
            }
        };
        chain
    }

    /// The certificate it starts at.
    #[must_use]
    pub fn first(&self) -> &Certificate {
        &self.certificates[0]
    }

    /// The certificate at its end.
    #[must_use]
    pub fn last(&self) -> &Certificate {
        &self.certificates[self.certificates.len() - 1]
    }

    /// The first of its certificates that is not valid at this moment, from the signer's up.
    #[must_use]
    pub fn not_valid_at(&self, moment: time::UtcDateTime) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| !certificate.is_valid_at(moment))
    }

    /// Who issued the chain's last certificate: itself, if it stands on its own.
    fn issuer<'a>(
        &'a self,
        among: &'a [Certificate],
        authorities: &'a Authorities,
        checks: &mut usize,
    ) -> Result<Option<&'a Certificate>, ChainFault> {
        let last = self.last();
        let mut fault = None;
        let mut best: Option<Rank<'a>> = None;
        let given = authorities.certificates().map(|authority| (authority, true));
        let own = std::iter::once(last).chain(among).map(|certificate| (certificate, false));
        for (candidate, is_given) in given.chain(own) {
            if !candidate.may_be_issuer_of(last) {
                continue;
            }
            // One that is in the chain already, other than at its end, would lead round and round.
            if self.certificates[..self.certificates.len() - 1].contains(candidate) {
                continue;
            }
            let Some(left) = checks.checked_sub(1) else { return Err(ChainFault::TooLong) };
            *checks = left;
            if let Err(found) = last.verify_issued_by(candidate) {
                fault.get_or_insert(ChainFault::Signature(found));
                continue;
            }
            let is_root = is_given && authorities.roots().contains(candidate);
            let refusal = if is_root || candidate == last { None } else { self.refusal(candidate) };
            let rank = Rank { certificate: candidate, is_root, refusal };
            if best.as_ref().is_none_or(|best| rank.is_before(best)) {
                best = Some(rank);
            }
        }
        match (best, fault) {
            (Some(Rank { refusal: Some(refusal), .. }), _) => Err(refusal),
            (Some(Rank { certificate, .. }), _) => Ok(Some(certificate)),
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }

    /// Why `issuer` may not stand behind the chain as it is.
    fn refusal(&self, issuer: &Certificate) -> Option<ChainFault> {
        let Some(constraints) = issuer.basic_constraints().filter(|_| issuer.may_sign_certificates()) else {
            return Some(ChainFault::NotAnAuthority);
        };
        // The certificate at the start counts for none (RFC 5280 4.2.1.9).
        let found = self.certificates.len() - 1;
        constraints
            .path_length
            .filter(|allowed| *allowed < found)
            .map(|allowed| ChainFault::PathLength { allowed, found })
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Chain")
            .field("certificates", &self.certificates)
            .field("authority", &self.authority)
            .finish()
    }
}

/// An issuer whose key fits, and how welcome it is.
struct Rank<'a> {
    certificate: &'a Certificate,
    is_root: bool,
    refusal: Option<ChainFault>,
}

impl Rank<'_> {
    fn is_before(&self, other: &Self) -> bool {
        let key = |rank: &Self| (rank.is_root, rank.refusal.is_none(), rank.certificate.not_after());
        key(self) > key(other)
    }
}

/// What a certificate says about itself as an authority.
struct BasicConstraints {
    path_length: Option<usize>,
}

impl Certificate {
    /// Checks that `issuer`'s key has signed this certificate, and nothing else.
    ///
    /// # Errors
    ///
    /// [`SignatureFault::Mismatch`], or [`SignatureFault::Unchecked`].
    pub fn verify_issued_by(&self, issuer: &Certificate) -> Result<(), SignatureFault> {
        let algorithm = self.signature_algorithm();
        signature::check(issuer.public_key(), algorithm, None, self.signed_part(), self.signature())
    }

    /// Whether this moment lies within the certificate's dates, first and last second included.
    #[must_use]
    pub fn is_valid_at(&self, moment: time::UtcDateTime) -> bool {
        (self.not_before()..=self.not_after()).contains(&moment.truncate_to_second())
    }

    /// Whether names and key identifiers agree (RFC 5280 4.2.1.1), as far as both are there.
    fn may_be_issuer_of(&self, other: &Self) -> bool {
        self.subject().der() == other.issuer().der()
            && match (self.subject_key_identifier(), other.authority_key_identifier()) {
                (Some(own), Some(wanted)) => own == wanted,
                _ => true,
            }
    }

    /// `keyIdentifier` of the authority key identifier.
    fn authority_key_identifier(&self) -> Option<&[u8]> {
        let extension = self.extension(ObjectIdentifier::new_unwrap("2.5.29.35"))?;
        let identifier = Element::first(&extension.value).filter(|whole| whole.tag == SEQUENCE)?;
        identifier.parts().find(|part| part.tag == 0x80).map(|part| part.content)
    }

    /// The basic constraints of an authority; `None` of anybody else.
    fn basic_constraints(&self) -> Option<BasicConstraints> {
        let extension = self.extension(ObjectIdentifier::new_unwrap("2.5.29.19"))?;
        let mut parts = Element::first(&extension.value).filter(|whole| whole.tag == SEQUENCE)?.parts();
        parts.next().filter(|authority| authority.tag == 0x01 && authority.content != [0])?;
        let path_length = parts.next().filter(|length| length.tag == 0x02).map(|length| {
            length.content.iter().fold(0_usize, |sum, digit| sum.saturating_mul(256) | usize::from(*digit))
        });
        Some(BasicConstraints { path_length })
    }

    /// Whether it is an authority's.
    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints().is_some()
    }

    /// The bit `keyCertSign` of the key usage.
    fn may_sign_certificates(&self) -> bool {
        self.may(0b0000_0100)
    }

    /// The bit `cRLSign` of the key usage.
    pub(crate) fn may_sign_lists(&self) -> bool {
        self.may(0b0000_0010)
    }

    /// A bit of the first octet of the key usage; without a key usage, all is allowed.
    fn may(&self, bit: u8) -> bool {
        let Some(extension) = self.extension(ObjectIdentifier::new_unwrap("2.5.29.15")) else { return true };
        Element::first(&extension.value)
            .filter(|usage| usage.tag == 0x03)
            .and_then(|usage| usage.content.get(1))
            .is_some_and(|bits| bits & bit != 0)
    }
}

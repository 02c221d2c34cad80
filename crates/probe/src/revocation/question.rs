use doctor::Standing;
use ipa::{Fact, Package};
use signed_data::{Certificate, Chain};
use time::UtcDateTime;

use super::said;

/// A certificate that is to be asked about.
#[derive(Clone, Debug)]
pub struct Question {
    pub(super) certificate: Certificate,
    /// Who issued it, whose word counts.
    pub(super) issuer: Option<Certificate>,
    stapled: Vec<u8>,
}

impl Question {
    /// About the certificate that a chain starts at.
    #[must_use]
    pub fn about_first(chain: &Chain) -> Self {
        let issuer = chain.certificates.get(1).cloned();
        Self { certificate: chain.first().clone(), issuer, stapled: Vec::new() }
    }

    /// About every certificate of a chain but a root at its end, which nobody can revoke but by taking it out of devices.
    pub fn about_all(chain: &Chain) -> impl Iterator<Item = Self> {
        let issuers = chain.certificates.iter().skip(1).map(Some).chain([None]);
        let ends_at_root = chain.last().issuer() == chain.last().subject();
        let count = chain.certificates.len() - usize::from(ends_at_root);
        chain.certificates.iter().zip(issuers).take(count).map(|(certificate, issuer)| Self {
            certificate: certificate.clone(),
            issuer: issuer.cloned(),
            stapled: Vec::new(),
        })
    }

    /// About all whose signatures a device goes by that installs the package: who has signed its bundles, and the
    /// authorities above them.
    #[must_use]
    pub fn about_signers(package: &Package) -> Vec<Self> {
        let mut questions = Vec::new();
        for bundle in package.bundles() {
            let Fact::Known(signature) = bundle.signature() else { continue };
            let chain = signature.signer.known().and_then(|signer| signer.chain.known());
            questions.extend(chain.into_iter().flat_map(Self::about_all));
        }
        questions
    }

    /// The same, with the response that a server has sent along in its handshake; empty where it sent none.
    #[must_use]
    pub fn with_stapled(self, stapled: Vec<u8>) -> Self {
        Self { stapled, ..self }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What the response that was sent along says, for which nobody needs to be asked. Absent where there is none.
    #[must_use]
    pub fn stapled_standing(&self, now: UtcDateTime) -> Fact<Standing> {
        let Some(issuer) = self.issuer.as_ref().filter(|_| !self.stapled.is_empty()) else {
            return Fact::Absent;
        };
        match said(&self.stapled, &self.certificate, issuer, now) {
            Ok(standing) => Fact::Known(standing),
            Err(reason) => Fact::NotMeasured(format!("the response that the server sends along: {reason}")),
        }
    }
}

use signed_data::{Authorities, Certificate, Chain, SignatureFault, SignedData};
use time::UtcDateTime;

use crate::Fact;

/// Who has signed a message, and whether that holds. Whether to trust it is for others to say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedBy {
    /// Whether the signature is by the certificate that the message names, and over this content.
    pub signature: Result<(), SignatureFault>,
    /// Where that certificate comes from, and the certificate itself at its start; absent when the message does not
    /// carry it.
    pub chain: Fact<Chain>,
    /// When it was signed, as the signer says.
    pub signed_at: Fact<UtcDateTime>,
    /// How many signatures the message has; the first is what is told of here.
    pub signatures: usize,
}

impl SignedBy {
    /// The certificate it is signed with.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.chain.known().map(Chain::first)
    }

    /// Looks at the message's first signature, over `detached` or else over what the message carries; absent when the
    /// message has none.
    pub(crate) fn of(message: &SignedData, detached: Option<&[u8]>, authorities: &Authorities) -> Fact<Self> {
        let Some(signer) = message.signers().first() else { return Fact::Absent };
        let verified = match detached {
            Some(content) => message.verify_over(signer, content),
            None => message.verify(signer),
        };
        Fact::Known(Self {
            signature: verified.map(|_| ()),
            chain: message
                .certificate_of(signer)
                .map(|certificate| message.chain(certificate, authorities))
                .into(),
            signed_at: signer.signing_time().into(),
            signatures: message.signers().len(),
        })
    }
}

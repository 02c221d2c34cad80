mod authority;
mod question;
mod road;

use std::collections::BTreeSet;
use std::time::Duration;

use doctor::{Revocations, Standing};
use futures_util::future::join_all;
use ipa::Fact;
use signed_data::{Limits, OcspResponse, RevocationReason, RevocationStatement, RevocationStatus};
use time::UtcDateTime;

use self::authority::Authorities;

pub use self::question::Question;

/// Asks authorities whether they have revoked certificates: at the addresses that the certificates name, OCSP first,
/// and for a list where that tells nothing.
///
/// What they answer counts if it is signed by the certificate's issuer, or by whom the issuer entrusted with it, and holds
/// at the moment. Whatever else comes, or nothing, is told with the address it came from.
#[derive(Debug)]
pub struct RevocationCheck {
    authorities: Authorities,
    now: UtcDateTime,
}

/// The most certificates that are asked about at once.
const CERTIFICATES: usize = 16;
/// The most addresses of one kind that are tried for one certificate.
const ADDRESSES: usize = 2;
/// The longest OCSP response, in bytes; real ones have about 2 KB.
const RESPONSE_BYTES: usize = 64 << 10;

impl RevocationCheck {
    /// A check through this client, of answers that have to hold at `now`.
    #[must_use]
    pub fn new(client: egress::Client, now: UtcDateTime) -> Self {
        Self { authorities: Authorities::new(client, Duration::from_secs(5)), now }
    }

    /// How long an authority may take to answer about a certificate; 5 s unless set. For a list it has four times as long.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.authorities.patience = patience;
        self
    }

    /// Asks all questions at once, each certificate's once. Of more than 16 the rest is not asked.
    pub async fn ask(&self, questions: impl IntoIterator<Item = Question>) -> Revocations {
        let mut seen = BTreeSet::new();
        let mut questions: Vec<Question> = questions.into_iter().collect();
        questions.retain(|question| seen.insert(question.certificate.sha256()));
        let unasked = questions.split_off(questions.len().min(CERTIFICATES));
        let standings = join_all(questions.iter().map(|question| self.standing(question))).await;
        let mut revocations = Revocations::default();
        for (question, standing) in questions.iter().zip(standings) {
            revocations.insert(&question.certificate, standing);
        }
        for question in unasked {
            let reason = format!("more than {CERTIFICATES} certificates were to be asked about");
            revocations.insert(&question.certificate, Fact::NotMeasured(reason));
        }
        revocations
    }

    async fn standing(&self, question: &Question) -> Fact<Standing> {
        let mut reasons = Vec::new();
        match question.stapled_standing(self.now) {
            Fact::Known(standing) => return Fact::Known(standing),
            Fact::NotMeasured(reason) => reasons.push(reason),
            Fact::Absent | Fact::Unreadable(_) => {}
        }
        let Question { certificate, issuer, .. } = question;
        let responders = certificate.ocsp_locations();
        let lists = certificate.revocation_list_locations();
        if responders.is_empty() && lists.is_empty() && reasons.is_empty() {
            return Fact::Absent;
        }
        let Some(issuer) = issuer else {
            reasons.push("its issuer's certificate is not at hand".to_owned());
            return Fact::NotMeasured(reasons.join("; "));
        };
        for address in responders.into_iter().take(ADDRESSES) {
            match self.authorities.respond(address, certificate, issuer, self.now).await {
                Ok(standing) => return Fact::Known(standing),
                Err(reason) => reasons.push(reason),
            }
        }
        for address in lists.into_iter().take(ADDRESSES) {
            match self.authorities.list(address, certificate, issuer, self.now).await {
                Ok(standing) => return Fact::Known(standing),
                Err(reason) => reasons.push(reason),
            }
        }
        Fact::NotMeasured(reasons.join("; "))
    }
}

/// What a response says of the certificate in question.
fn said(
    response: &[u8],
    certificate: &signed_data::Certificate,
    issuer: &signed_data::Certificate,
    now: UtcDateTime,
) -> Result<Standing, String> {
    let limits = Limits { input_bytes: RESPONSE_BYTES, ..Limits::default() };
    let statement = OcspResponse::read(response, &limits)
        .and_then(|response| response.about(certificate, issuer, now))
        .map_err(|error| error.to_string())?;
    standing(&statement)
}

fn standing(statement: &RevocationStatement) -> Result<Standing, String> {
    match statement.status {
        RevocationStatus::Good => Ok(Standing::Good { as_of: statement.this_update }),
        RevocationStatus::Revoked { at, reason } => {
            let reason = reason.filter(|reason| *reason != RevocationReason::Unspecified);
            Ok(Standing::Revoked { at, reason: reason.map(RevocationReason::name) })
        }
        RevocationStatus::Unknown => Err("the responder does not know the certificate".to_owned()),
    }
}

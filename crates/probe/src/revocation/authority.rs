//! Requests to authorities, and their answers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doctor::Standing;
use egress::Ending;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode, Uri};
use signed_data::{Certificate, Limits, OcspResponse, RevocationError, RevocationList};
use time::UtcDateTime;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{RESPONSE_BYTES, said, standing};

/// Whom certificates name, by way of the guarded client.
#[derive(Debug)]
pub(super) struct Authorities {
    client: egress::Client,
    /// How long one may take to answer.
    pub(super) patience: Duration,
    /// Lists that may be held at once, since one may have tens of megabytes.
    lists: Semaphore,
}

/// Lists that are held at once.
const LISTS: usize = 2;
/// The longest address that a request is put into; a longer request is sent by `POST` (RFC 5019 5).
const GET_BYTES: usize = 255;

impl Authorities {
    pub(super) fn new(client: egress::Client, patience: Duration) -> Self {
        Self { client, patience, lists: Semaphore::new(LISTS) }
    }

    /// Asks an OCSP responder; the error is what came of it.
    pub(super) async fn respond(
        &self,
        address: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        now: UtcDateTime,
    ) -> Result<Standing, String> {
        let request = certificate.ocsp_request(issuer);
        let answer = self.exchange(address, &request);
        let answer = timeout(self.patience, answer).await.unwrap_or_else(|_| Err(silent(self.patience)));
        answer.and_then(|body| said(&body, certificate, issuer, now)).map_err(|reason| told(address, &reason))
    }

    /// Fetches a list; the error is what came of it.
    pub(super) async fn list(
        &self,
        address: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        now: UtcDateTime,
    ) -> Result<Standing, String> {
        let limits = Limits::default();
        let patience = self.patience * 4;
        let looked_up = async {
            let _place = self.lists.acquire().await.map_err(|error| error.to_string())?;
            let answer = self.send(Request::get(uri(address)?), egress::Body::default()).await?;
            let bytes = whole(answer, limits.list_bytes).await?;
            let list = RevocationList::read(&bytes, &limits).map_err(|error| error.to_string())?;
            let statement = list.about(certificate, issuer, now).map_err(|error| error.to_string())?;
            standing(&statement)
        };
        let answer = timeout(patience, looked_up).await.unwrap_or_else(|_| Err(silent(patience)));
        answer.map_err(|reason| told(address, &reason))
    }

    /// What a responder answers to a request. A short one is put into the address, which stores on the way can answer;
    /// a responder that does not take it so is asked again.
    async fn exchange(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        const ACCEPTED: &str = "application/ocsp-response";
        if let Some(address) = address_with(address, request) {
            let asked = Request::get(uri(&address)?).header(ACCEPT, ACCEPTED);
            let answer = self.send(asked, egress::Body::default()).await?;
            if answer.status == StatusCode::OK {
                let body = whole(answer, RESPONSE_BYTES).await?;
                if !is_misunderstood(&body) {
                    return Ok(body);
                }
            }
        }
        let asked = Request::post(uri(address)?)
            .header(CONTENT_TYPE, "application/ocsp-request")
            .header(ACCEPT, ACCEPTED);
        whole(self.send(asked, egress::Body::from(request.to_vec())).await?, RESPONSE_BYTES).await
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: egress::Body,
    ) -> Result<egress::Answer, String> {
        let agent = concat!("airstair/", env!("CARGO_PKG_VERSION"));
        let request = request.header(USER_AGENT, agent).body(body).map_err(|error| error.to_string())?;
        self.client.send(request).await.map_err(|error| error.to_string())
    }
}

/// The body of a good answer, as far as it comes whole and is no longer than `limit`.
async fn whole(mut answer: egress::Answer, limit: usize) -> Result<Vec<u8>, String> {
    if answer.status != StatusCode::OK {
        return Err(format!("it answers {}", answer.status.as_u16()));
    }
    let body = answer.read(limit).await;
    match body.end {
        Ending::Whole => Ok(body.bytes),
        Ending::Limit => Err(format!("its answer has more than {limit} bytes")),
        Ending::CutOff => Err("its answer broke off".to_owned()),
        Ending::Silent { after } => Err(silent(after)),
    }
}

fn uri(address: &str) -> Result<Uri, String> {
    address.parse().map_err(|error| format!("that is no address: {error}"))
}

fn silent(patience: Duration) -> String {
    format!("no answer within {} s", patience.as_secs_f32())
}

/// Whether a responder could not read the request: some look for it elsewhere in the address.
fn is_misunderstood(response: &[u8]) -> bool {
    let read = OcspResponse::read(response, &Limits::default());
    matches!(read, Err(RevocationError::Refused { status: 1 }))
}

/// The address with the request behind it (RFC 6960 A.1), where that is short enough.
fn address_with(address: &str, request: &[u8]) -> Option<String> {
    let encoded = STANDARD.encode(request).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let slash = if address.ends_with('/') { "" } else { "/" };
    let whole = format!("{address}{slash}{encoded}");
    (whole.len() <= GET_BYTES && !address.contains(['?', '#'])).then_some(whole)
}

/// Addresses are the certificate's, and so anybody's.
fn told(address: &str, reason: &str) -> String {
    const SHOWN: usize = 80;
    let is_plain = |character: &char| character.is_ascii_graphic();
    let mut shown: String = address.chars().filter(is_plain).take(SHOWN).collect();
    if shown.len() < address.len() {
        shown.push('…');
    }
    format!("{shown}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_requests_stand_in_the_address() {
        let request = [0xfb, 0xff, 0xfe, 0];
        for (address, expected) in [
            ("http://a.test", Some("http://a.test/%2B%2F%2F%2BAA%3D%3D")),
            ("http://a.test/x/", Some("http://a.test/x/%2B%2F%2F%2BAA%3D%3D")),
            ("http://a.test/?x=", None),
            ("http://a.test/#x", None),
        ] {
            assert_eq!(address_with(address, &request).as_deref(), expected, "{address}");
        }
        let address = "http://a.test/";
        let longest = [0; (GET_BYTES - 14) / 4 * 3];
        assert!(address_with(address, &longest).is_some());
        assert!(address_with(address, &[0; (GET_BYTES - 14) / 4 * 3 + 3]).is_none());
    }

    #[test]
    fn addresses_are_told_plainly() {
        assert_eq!(told("http://a.test/x", "why"), "http://a.test/x: why");
        assert_eq!(told("http://a.test/\u{1b}[31m\n", "why"), "http://a.test/[31m…: why");
        assert_eq!(told(&format!("http://{}", "a".repeat(100)), "why").chars().count(), 80 + 6);
    }
}

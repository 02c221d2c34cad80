//! Whether devices could fetch packages from the storage itself, asked as a device asks.

use std::time::Duration;

use object_store::signer::Signer as _;
use object_store::{ObjectStoreExt as _, PutPayload};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method, Response, StatusCode};
use url::Url;
use uuid::Uuid;

use super::{Bucket, S3Delivery, failure::Purpose};
use crate::DepotError;

/// The longest that an address may last.
///
/// Source: Amazon, *Authenticating Requests: Using Query Parameters*, `X-Amz-Expires`.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// How long a device waits for a package's size (observed); nothing else is asked for here that takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is stored to try it.
const SAMPLE: &[u8] = b"airstair";
/// The bytes of it that are asked for by a range.
const PART: (usize, usize) = (2, 4);

/// Why devices can't fetch packages from the storage itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresignedError {
    /// The storage is not reached by https.
    #[error("devices fetch packages by https alone, and the storage is at {scheme}://{host}")]
    NotHttps {
        /// How it is reached.
        scheme: String,
        /// Where.
        host: String,
    },
    /// The key is lent.
    #[error(
        "the key to the storage is lent, as a role's or a session's is; addresses signed with it end when it ends, \
         and a started install is served for {days} days"
    )]
    Lent {
        /// How long an address must last.
        days: u64,
    },
    /// No address lasts that long.
    #[error("a presigned address lasts {longest} days at most, and a started install is served for {days}")]
    TooLong {
        /// How long an address can last.
        longest: u64,
        /// How long it must last.
        days: u64,
    },
    /// What is to be fetched can't be stored or signed.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// Nobody answered as HTTP does.
    #[error("there is no answer to {request} at a presigned address")]
    Silent {
        /// What was asked.
        request: &'static str,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// Something else was answered than a device needs.
    #[error("the answer to {request} at a presigned address has {what} {seen}, not {expected}")]
    Wrong {
        /// What was asked.
        request: &'static str,
        /// What of the answer is wrong.
        what: &'static str,
        /// What it is.
        seen: String,
        /// What a device needs.
        expected: String,
    },
    /// A package's size can't be asked for.
    #[error("the storage answers {status} to HEAD at a presigned address, so a device would show no size")]
    NoSize {
        /// What it answers.
        status: StatusCode,
    },
}

impl Bucket {
    /// Where anybody fetches an object with `GET` for so long.
    pub(super) async fn presign(
        &self,
        path: &object_store::path::Path,
        lasts: Duration,
    ) -> Result<Url, DepotError> {
        let lasts = lasts.clamp(Duration::from_secs(1), LONGEST);
        let signed = self.store.signed_url(Method::GET, path, lasts).await;
        signed.map_err(|error| self.health.failed(Purpose::Reading, "signing an address", &error))
    }
}

/// Stores something small and fetches it as a device does, from an address that lasts as long as it must.
pub(super) async fn probe(bucket: &Bucket, lasts: Duration) -> Result<(), PresignedError> {
    let days = whole_days(lasts);
    if lasts > LONGEST {
        return Err(PresignedError::TooLong { longest: whole_days(LONGEST), days });
    }
    let key = bucket.store.credentials().get_credential().await;
    let doing = "looking for the key to the storage";
    let key = key.map_err(|error| bucket.health.failed(Purpose::Reading, doing, &error))?;
    if key.token.is_some() {
        return Err(PresignedError::Lent { days });
    }
    // Several servers may start together.
    let sample = bucket.prefix.clone().join(format!("presigned-{}", Uuid::now_v7()));
    let url = bucket.presign(&sample, lasts).await?;
    if url.scheme() != "https" {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(PresignedError::NotHttps { scheme: url.scheme().to_owned(), host });
    }
    let doing = "storing what is to be fetched";
    let stored = bucket.store.put(&sample, PutPayload::from_static(SAMPLE)).await;
    bucket.health.heard(Purpose::Writing, doing, stored)?;
    let fetched = fetch(bucket, &url).await;
    bucket.delete(&sample, doing).await?;
    fetched
}

async fn fetch(bucket: &Bucket, url: &Url) -> Result<(), PresignedError> {
    let device = device(bucket)?;
    let whole = ask(&device, Method::GET, url, "GET", None).await?;
    expect_status(&whole, StatusCode::OK)?;
    expect_header(&whole, &CONTENT_LENGTH, "the length", &SAMPLE.len().to_string())?;
    expect_header(&whole, &CONTENT_ENCODING, "the encoding", "")?;
    let etag = text(whole.response.headers(), &ETAG);
    if !etag.starts_with('"') {
        return Err(whole.wrong("the entity tag", &etag, "one in quotes"));
    }
    expect_bytes(whole, SAMPLE).await?;

    let (first, last) = PART;
    let part =
        ask(&device, Method::GET, url, "GET of a range", Some(format!("bytes={first}-{last}"))).await?;
    expect_status(&part, StatusCode::PARTIAL_CONTENT)?;
    expect_header(&part, &CONTENT_RANGE, "the range", &format!("bytes {first}-{last}/{}", SAMPLE.len()))?;
    expect_bytes(part, &SAMPLE[first..=last]).await?;

    let size = ask(&device, Method::HEAD, url, "HEAD", None).await?;
    match (bucket.delivery, size.response.status()) {
        (_, StatusCode::OK) => expect_header(&size, &CONTENT_LENGTH, "the length", &SAMPLE.len().to_string()),
        (S3Delivery::PresignedWithoutSize, _) => Ok(()),
        (S3Delivery::Through | S3Delivery::Presigned, status) => Err(PresignedError::NoSize { status }),
    }
}

/// What was asked, and what was answered.
struct Answer {
    request: &'static str,
    response: Response,
}

impl Answer {
    fn wrong(&self, what: &'static str, seen: &str, expected: &str) -> PresignedError {
        let seen = if seen.is_empty() { "nothing".to_owned() } else { seen.to_owned() };
        let expected = if expected.is_empty() { "nothing".to_owned() } else { expected.to_owned() };
        PresignedError::Wrong { request: self.request, what, seen, expected }
    }
}

/// A client that knows no key and follows nothing, as a device does.
fn device(bucket: &Bucket) -> Result<Client, PresignedError> {
    let silent = |source| PresignedError::Silent { request: "anything", source };
    let mut client = Client::builder().redirect(Policy::none()).timeout(PATIENCE);
    if let Some(pem) = &bucket.roots_pem {
        client = client.tls_certs_merge(Certificate::from_pem_bundle(pem).map_err(silent)?);
    }
    client.build().map_err(silent)
}

async fn ask(
    device: &Client,
    method: Method,
    url: &Url,
    request: &'static str,
    range: Option<String>,
) -> Result<Answer, PresignedError> {
    let mut asking = device.request(method, url.clone());
    if let Some(range) = range {
        asking = asking.header(RANGE, range);
    }
    // The address would let anybody in who reads the log.
    let response = asking.send().await.map_err(reqwest::Error::without_url);
    Ok(Answer { request, response: response.map_err(|source| PresignedError::Silent { request, source })? })
}

fn expect_status(answer: &Answer, expected: StatusCode) -> Result<(), PresignedError> {
    let seen = answer.response.status();
    if seen == expected {
        return Ok(());
    }
    Err(answer.wrong("the status", seen.as_str(), expected.as_str()))
}

fn expect_header(
    answer: &Answer,
    name: &HeaderName,
    what: &'static str,
    expected: &str,
) -> Result<(), PresignedError> {
    let seen = text(answer.response.headers(), name);
    if seen == expected { Ok(()) } else { Err(answer.wrong(what, &seen, expected)) }
}

async fn expect_bytes(answer: Answer, expected: &[u8]) -> Result<(), PresignedError> {
    let request = answer.request;
    let silent = |source: reqwest::Error| PresignedError::Silent { request, source: source.without_url() };
    let seen = answer.response.bytes().await.map_err(silent)?;
    if seen == expected {
        return Ok(());
    }
    let (seen, expected) = (seen.escape_ascii().to_string(), expected.escape_ascii().to_string());
    Err(PresignedError::Wrong { request, what: "the bytes", seen, expected })
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn whole_days(time: Duration) -> u64 {
    time.as_secs() / (24 * 60 * 60)
}

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use doctor::{Answer, Body, BodyEnd, Connected, Fetch, Hop, Host, NoAnswer, RedirectStopped, Unreached};
use egress::{Client, Ending, Observed, ReadBody, SendError};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, LOCATION, RANGE, USER_AGENT};
use http::{HeaderMap, Method, Request};
use ipa::Fact;
use url::Url;

use crate::Agent;
use crate::host::host;
use crate::roots::Roots;

/// Asks as a device does, follows redirects as it does, and notes what came at each.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: Client,
    roots: Roots,
    /// What was read of each observation, so that the hops to one host share it.
    hosts: Mutex<HashMap<Place, SeenHost>>,
}

/// A name, a port, and whether TLS is spoken there.
type Place = (String, u16, bool);

#[derive(Debug)]
struct SeenHost {
    observed: Arc<Observed>,
    host: Arc<Host>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) method: Method,
    pub(crate) agent: Agent,
    /// The first and the last byte, where a part is wanted.
    pub(crate) range: Option<(u64, u64)>,
    pub(crate) body: WantedBody,
}

/// What of a body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WantedBody {
    /// So many bytes, free of their encoding.
    Decoded(usize),
    /// So many bytes from the first, as they come.
    Raw(usize),
}

/// The most redirects that are followed.
const REDIRECTS: usize = 16;
/// So many bytes hold something, if they are encoded as is said.
const TELLING_BYTES: usize = 64;
/// The longest value of a header that is kept, in characters.
const VALUE_CHARS: usize = 1000;

impl Wanted {
    pub(crate) fn whole(agent: Agent, limit: usize) -> Self {
        Self { method: Method::GET, agent, range: None, body: WantedBody::Decoded(limit) }
    }
}

impl Fetcher {
    pub(crate) fn new(client: Client, roots: Roots) -> Self {
        Self { client, roots, hosts: Mutex::default() }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// All servers that were met, with what was observed of each when it was connected to last.
    pub(crate) fn servers(&self) -> Vec<(Arc<Observed>, Arc<Host>)> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut servers: Vec<_> = hosts.iter().collect();
        servers.sort_by_key(|(place, _)| *place);
        let both = |seen: &SeenHost| (Arc::clone(&seen.observed), Arc::clone(&seen.host));
        servers.into_iter().map(|(_, seen)| both(seen)).collect()
    }

    /// Asks for `url`, and for whatever the answers lead on to.
    pub(crate) async fn fetch(&self, url: &Url, wanted: &Wanted) -> Fetch {
        let mut hops = Vec::new();
        let mut next = url.clone();
        let stopped = loop {
            let (hop, location) = self.hop(&next, wanted).await;
            hops.push(hop);
            let Some(location) = location else { break None };
            let target = location.as_deref().and_then(|location| next.join(location).ok());
            match target {
                Some(target) if matches!(target.scheme(), "https" | "http") => {
                    if hops.iter().any(|hop| hop.url == target.as_str()) {
                        break Some(RedirectStopped::Ring);
                    }
                    if hops.len() > REDIRECTS {
                        break Some(RedirectStopped::TooMany);
                    }
                    next = target;
                }
                _ => break Some(RedirectStopped::Elsewhere { location }),
            }
        };
        Fetch { hops, stopped }
    }

    /// One request, and where its answer leads on to: `Some(None)` is a redirect that does not say.
    async fn hop(&self, url: &Url, wanted: &Wanted) -> (Hop, Option<Option<String>>) {
        let mut request = Request::builder()
            .method(wanted.method.clone())
            .uri(url.as_str())
            .header(USER_AGENT, wanted.agent.user_agent())
            .header(ACCEPT, wanted.agent.accept())
            .header(ACCEPT_LANGUAGE, "en-US,en;q=0.9")
            .header(ACCEPT_ENCODING, wanted.encodings());
        if let Some((first, last)) = wanted.range {
            request = request.header(RANGE, format!("bytes={first}-{last}"));
        }
        let sent = match request.body(egress::Body::default()) {
            Ok(request) => self.client.send(request).await.map_err(|error| no_answer(&error)),
            Err(error) => Err(NoAnswer::NotHttp { reason: format!("it can't be asked for: {error}") }),
        };
        let host = self.host(url);
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(no_answer) => {
                return (Hop { url: url.to_string(), host, answer: Err(no_answer) }, None);
            }
        };
        let location = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308)
            .then(|| answer.headers.get(LOCATION).map(|value| text(value.as_bytes())));
        let body = match wanted.body {
            _ if wanted.method == Method::HEAD => Body { bytes: Vec::new(), end: BodyEnd::Whole },
            WantedBody::Raw(limit) => raw(answer.read(limit).await),
            WantedBody::Decoded(limit) => {
                let encoding = answer.headers.get("content-encoding").map(|value| text(value.as_bytes()));
                decoded(answer.read(limit).await, encoding.as_deref(), limit)
            }
        };
        let answer = Answer {
            status: answer.status.as_u16(),
            headers: fields(&answer.headers),
            after: answer.after,
            body,
        };
        (Hop { url: url.to_string(), host, answer: Ok(answer) }, location)
    }

    /// What is known of the host of `url` by now.
    fn host(&self, url: &Url) -> Arc<Host> {
        let is_https = url.scheme() == "https";
        let Some(observed) = self.client.observed(url) else {
            return Arc::new(Host {
                name: url.host_str().unwrap_or_default().to_owned(),
                port: url.port_or_known_default().unwrap_or(443),
                addresses: Vec::new(),
                connection: Err::<Connected, _>(Unreached::NoRoute { reason: "nobody tried".to_owned() }),
                tls: Fact::NotMeasured("there was no connection".to_owned()),
            });
        };
        let place = (observed.name.clone(), observed.port, is_https);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.get(&place) {
            Some(seen) if Arc::ptr_eq(&seen.observed, &observed) => Arc::clone(&seen.host),
            _ => {
                let host = Arc::new(host(&observed, is_https, &self.roots));
                hosts.insert(place, SeenHost { observed, host: Arc::clone(&host) });
                host
            }
        }
    }
}

impl Wanted {
    /// What a device takes; of a body that is to be decoded, what is decoded here.
    fn encodings(&self) -> &'static str {
        match self.body {
            WantedBody::Decoded(_) => "gzip, deflate",
            WantedBody::Raw(_) => "identity",
        }
    }
}

fn no_answer(error: &SendError) -> NoAnswer {
    match error {
        SendError::Connect(_) => NoAnswer::NoConnection,
        SendError::Silent { after } => NoAnswer::Silent { after: *after },
        SendError::Dropped => NoAnswer::Dropped,
        SendError::NotHttp { reason } => NoAnswer::NotHttp { reason: reason.clone() },
        error => NoAnswer::NotHttp { reason: error.to_string() },
    }
}

fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(VALUE_CHARS).collect()
}

fn raw(read: ReadBody) -> Body {
    let end = match read.end {
        Ending::Whole => BodyEnd::Whole,
        Ending::Limit => BodyEnd::Unread,
        Ending::CutOff => BodyEnd::CutOff,
        Ending::Silent { after } => BodyEnd::Silent { after },
    };
    Body { bytes: read.bytes, end }
}

/// Undoes the encoding of a body, as far as `limit`.
fn decoded(read: ReadBody, encoding: Option<&str>, limit: usize) -> Body {
    let Body { bytes, end } = raw(read);
    let encoding = encoding.map(str::trim).unwrap_or_default();
    let limit = limit as u64;
    let mut plain = Vec::new();
    let undone = match encoding.to_ascii_lowercase().as_str() {
        "" | "identity" => return Body { bytes, end },
        "gzip" | "x-gzip" => MultiGzDecoder::new(&*bytes).take(limit).read_to_end(&mut plain),
        "deflate" => ZlibDecoder::new(&*bytes).take(limit).read_to_end(&mut plain),
        _ => return Body { bytes, end: BodyEnd::Encoded { encoding: encoding.to_owned() } },
    };
    let is_nothing = plain.is_empty() && bytes.len() >= TELLING_BYTES;
    match undone {
        Ok(read) if read as u64 == limit => Body { bytes: plain, end: BodyEnd::Unread },
        Err(_) if end == BodyEnd::Whole || is_nothing => {
            Body { bytes, end: BodyEnd::Encoded { encoding: encoding.to_owned() } }
        }
        _ => Body { bytes: plain, end },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: usize = 1000;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    #[test]
    fn a_body_is_freed_of_its_encoding_as_far_as_it_is_read() {
        let text: Vec<u8> = (0..150).flat_map(|number: u32| number.to_string().into_bytes()).collect();
        let long = text.repeat(9);
        let package = [b"PK\x03\x04".as_slice(), &text].concat();
        let beginning = &gzip(&long)[..200];
        let as_said = |encoding: &str| BodyEnd::Encoded { encoding: encoding.to_owned() };
        for (what, encoding, bytes, end, expected, expected_end) in [
            ("none", None, text.clone(), Ending::Whole, &*text, BodyEnd::Whole),
            ("identity", Some("identity"), text.clone(), Ending::Limit, &*text, BodyEnd::Unread),
            ("gzip", Some("GZip"), gzip(&text), Ending::Whole, &*text, BodyEnd::Whole),
            ("deflate", Some("deflate"), zlib(&text), Ending::Whole, &*text, BodyEnd::Whole),
            (
                "more than is wanted",
                Some("gzip"),
                gzip(&long),
                Ending::Whole,
                &long[..LIMIT],
                BodyEnd::Unread,
            ),
            (
                "cut off",
                Some("gzip"),
                gzip(&text)[..100].to_vec(),
                Ending::CutOff,
                &text[..],
                BodyEnd::CutOff,
            ),
            ("none of it", Some("gzip"), package.clone(), Ending::Whole, &*package, as_said("gzip")),
            (
                "none of its beginning",
                Some("gzip"),
                package.clone(),
                Ending::Limit,
                &*package,
                as_said("gzip"),
            ),
            ("nothing came", Some("gzip"), Vec::new(), Ending::CutOff, &[], BodyEnd::CutOff),
            ("unknown", Some("br"), text.clone(), Ending::Whole, &*text, as_said("br")),
        ] {
            let body = decoded(ReadBody { bytes, end }, encoding, LIMIT);
            assert_eq!(body.end, expected_end, "{what}");
            assert!(expected.starts_with(&body.bytes), "{what}: {:?}", body.bytes);
            assert!(body.end == BodyEnd::CutOff || body.bytes.len() == expected.len(), "{what}");
        }
        let body = decoded(ReadBody { bytes: beginning.to_vec(), end: Ending::Limit }, Some("gzip"), LIMIT);
        assert!(long.starts_with(&body.bytes) && body.bytes.len() > 50, "{body:?}");
        assert_eq!(body.end, BodyEnd::Unread);
    }
}

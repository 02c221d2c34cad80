use super::{address, header};
use crate::rule::Fault;
use crate::{Answer, BodyEnd, Fetch, NoAnswer};

/// What is to be told of a fetch that came to no proper end: no answer of HTTP, or not as much as was announced.
pub(in crate::rules) fn broken_off(fetch: &Fetch, what: &str) -> Option<Fault> {
    let at = address(fetch.last());
    match &fetch.last().answer {
        Err(NoAnswer::Dropped) => Some(
            Fault::new(format!("the server closes the connection instead of sending the {what}"))
                .at(at)
                .mended_by("look into the log of the server, or of the proxy before it, for this request"),
        ),
        Err(NoAnswer::NotHttp { reason }) => Some(
            Fault::new(format!("what the server sends for the {what} is no answer of HTTP: {reason}")).at(at),
        ),
        Err(_) => None,
        Ok(_) => {
            let answer = fetch.success()?;
            let fault = Fault::new(cut(answer, what)?).at(at);
            Some(match answer.header("content-length") {
                Some(length) => fault.at(header("Content-Length", length)),
                None => fault,
            })
        }
    }
}

/// How the body ends otherwise than it was announced to.
fn cut(answer: &Answer, what: &str) -> Option<String> {
    let bytes = answer.body.bytes.len();
    // What is compressed on its way is counted as it is sent, and read as it was.
    let announced = answer.announced_bytes().filter(|_| answer.content_encoding().is_none());
    match (&answer.body.end, announced) {
        (BodyEnd::CutOff, Some(announced)) => {
            Some(format!("the connection broke after {bytes} of the {announced} bytes of the {what}"))
        }
        (BodyEnd::CutOff, None) => Some(format!("the connection broke after {bytes} bytes of the {what}")),
        (BodyEnd::Whole, Some(announced)) if announced != bytes as u64 => {
            Some(format!("the server announced {announced} bytes of the {what} and sent {bytes}"))
        }
        _ => None,
    }
}

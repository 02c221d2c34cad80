use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use object_store::Error as Answer;

use crate::DepotError;

/// Of what kind a request is: storage may do one and refuse the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Reading,
    Writing,
}

/// Whether the storage did what it was last asked, so that the log tells only changes.
#[derive(Debug)]
pub(super) struct Health {
    bucket: String,
    fails_reading: AtomicBool,
    fails_writing: AtomicBool,
}

impl Health {
    pub(super) fn of(bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), fails_reading: false.into(), fails_writing: false.into() }
    }

    /// Sorts what object storage answers into the variants a caller acts on, and tells when it begins to fail or is
    /// well again.
    pub(super) fn heard<T>(
        &self,
        purpose: Purpose,
        doing: &'static str,
        answer: Result<T, Answer>,
    ) -> Result<T, DepotError> {
        match answer {
            Ok(done) => {
                self.note_well(purpose);
                Ok(done)
            }
            Err(error) => Err(self.failed(purpose, doing, &error)),
        }
    }

    /// The same for what failed, where doing it well would say nothing of the storage.
    pub(super) fn failed(&self, purpose: Purpose, doing: &'static str, error: &Answer) -> DepotError {
        let said = said(error);
        let cause = |kind| io::Error::new(kind, said.clone());
        match error {
            Answer::NotFound { .. } => {
                self.note_well(purpose);
                DepotError::Lost(doing, cause(io::ErrorKind::NotFound))
            }
            _ if is_refusal(error, &said) => {
                if self.begins_to_fail(purpose) {
                    tracing::warn!(
                        bucket = self.bucket,
                        doing,
                        answer = said,
                        "the storage refuses this server: is its key still good, and may it do this in the bucket? \
                         Until then requests that need it are answered with 503"
                    );
                }
                DepotError::Refused(doing, cause(io::ErrorKind::PermissionDenied))
            }
            _ => {
                if self.begins_to_fail(purpose) {
                    tracing::warn!(
                        bucket = self.bucket,
                        doing,
                        answer = said,
                        "the storage does not do what it is asked: look at it, and at the way to it. Until it does \
                         requests that need it are answered with 503"
                    );
                }
                DepotError::Unavailable(doing, cause(io::ErrorKind::Other))
            }
        }
    }

    fn fails(&self, purpose: Purpose) -> &AtomicBool {
        match purpose {
            Purpose::Reading => &self.fails_reading,
            Purpose::Writing => &self.fails_writing,
        }
    }

    fn begins_to_fail(&self, purpose: Purpose) -> bool {
        !self.fails(purpose).swap(true, Ordering::Relaxed)
    }

    fn note_well(&self, purpose: Purpose) {
        let fails = self.fails(purpose);
        if fails.load(Ordering::Relaxed) && fails.swap(false, Ordering::Relaxed) {
            let again = match purpose {
                Purpose::Reading => "the storage can be read again",
                Purpose::Writing => "the storage can be written again",
            };
            // As loud as what it ends.
            tracing::warn!(bucket = self.bucket, "{again}");
        }
    }
}

/// Whether the key, or what it is to do, is refused. Of a listing only the words tell.
fn is_refusal(error: &Answer, said: &str) -> bool {
    let is_told = matches!(error, Answer::PermissionDenied { .. } | Answer::Unauthenticated { .. });
    is_told || ["401 ", "403 "].iter().any(|status| said.starts_with(status))
}

/// What was seen instead of what was asked for: a status with the storage's own code and sentence, or what became of
/// the connection. Never all of an answer: some repeat the request, with what may be secret in it.
fn said(error: &Answer) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    summary(&innermost.to_string())
}

/// The text before an XML document, and that document's code and message.
fn summary(text: &str) -> String {
    let (before, document) = text.split_once('<').unwrap_or((text, ""));
    let before = before.trim_start_matches("Server returned non-2xx status code:");
    let before = before.trim_matches([':', ' ', '\n']);
    let parts = ["Code", "Message"].map(|name| element(document, name));
    let words = [Some(before), parts[0], parts[1]];
    words.into_iter().flatten().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

/// What stands in the first element of this name.
fn element<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(content, _)| content.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_without_what_it_repeats_of_the_request() {
        for (text, expected) in [
            ("operation timed out", "operation timed out"),
            ("Server returned non-2xx status code: 503 Service Unavailable: ", "503 Service Unavailable"),
            (
                "Server returned non-2xx status code: 503 Service Unavailable: <?xml version=\"1.0\"?>\n\
                 <Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
                "503 Service Unavailable: SlowDown: Please reduce your request rate.",
            ),
            (
                "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>\
                 <Message>They differ.</Message><StringToSign>secret</StringToSign></Error>",
                "403 Forbidden: SignatureDoesNotMatch: They differ.",
            ),
            (
                "Server returned non-2xx status code: 502 Bad Gateway: <html><h1>secret</h1></html>",
                "502 Bad Gateway",
            ),
            (
                "Server returned error response: <Error><Code>InternalError</Code></Error>",
                "Server returned error response: InternalError",
            ),
        ] {
            assert_eq!(summary(text), expected, "{text}");
        }
    }
}

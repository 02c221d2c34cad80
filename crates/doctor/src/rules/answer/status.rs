use super::address;
use crate::Fetch;
use crate::rule::Fault;

/// A status as people know it: `404 Not Found`.
pub(in crate::rules) fn status_words(status: u16) -> String {
    match reason(status) {
        "" => status.to_string(),
        reason => format!("{status} {reason}"),
    }
}

/// What is to be told of a fetch that ends with another status than success; `what` should have come. A redirect that
/// was not followed is not told, nor that a login is wanted.
pub(in crate::rules) fn failed_status(fetch: &Fetch, what: &str) -> Option<Fault> {
    let answer = fetch.answer().filter(|_| fetch.stopped.is_none())?;
    if (200..300).contains(&answer.status) {
        return None;
    }
    let words = status_words(answer.status);
    let fault = Fault::new(format!("the {what}'s address answers {words}"));
    Some(fault.at(address(fetch.last())).mended_by(mending(answer.status, what)))
}

/// What to do where this status came in place of something.
fn mending(status: u16, what: &str) -> String {
    match status {
        403 => {
            format!("let everybody who has the address read the {what}; a presigned address may have run out")
        }
        404 => format!("put the {what} where this address leads, or write its right address"),
        405 => format!("let the {what}'s address answer GET"),
        406 | 415 => format!("send the {what} whatever the request accepts"),
        410 => format!("the server says that the {what} was taken away for good: write its new address"),
        408 | 504 | 524 => {
            format!("find out what takes the server behind the proxy so long to send the {what}")
        }
        429 => format!("exempt the {what} from the limit on requests"),
        451 => format!("the server withholds the {what} for legal reasons: serve it from another"),
        502 | 503 => format!("see that the server that has the {what} runs, and that the proxy reaches it"),
        520..=527 | 530 => format!("see that Cloudflare reaches the server that has the {what}"),
        500..=599 => "look into the server's log for this request".to_owned(),
        _ => format!("let the address answer 200 OK with the {what}"),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        421 => "Misdirected Request",
        423 => "Locked",
        425 => "Too Early",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => "",
    }
}

use std::time::Duration;

use super::address;
use crate::rule::Fault;
use crate::{BodyEnd, Fetch, NoAnswer, Severity};

/// How long the first byte of an answer may take before it is told, in all redirects together.
const SLOW: Duration = Duration::from_secs(5);

/// What is to be told of a fetch that lets a device wait; `patience` is how long devices do, where that is known. What
/// comes within it is a warning.
pub(in crate::rules) fn delayed(fetch: &Fetch, what: &str, patience: Option<Duration>) -> Option<Fault> {
    let at = address(fetch.last());
    let answer = match &fetch.last().answer {
        Ok(answer) => answer,
        Err(NoAnswer::Silent { after }) => {
            let message = format!("nothing came of the {what} within {}", seconds(*after));
            return Some(Fault::new(message).at(at));
        }
        Err(_) => return None,
    };
    if let (BodyEnd::Silent { after }, Some(answer)) = (&answer.body.end, fetch.success()) {
        let bytes = answer.body.bytes.len();
        let message = format!(
            "the {what} stopped coming after {bytes} bytes: nothing more came within {}",
            seconds(*after)
        );
        return Some(Fault::new(message).at(at));
    }
    let after: Duration = fetch.hops.iter().filter_map(|hop| Some(hop.answer.as_ref().ok()?.after)).sum();
    if after <= SLOW {
        return None;
    }
    let redirects = if fetch.hops.len() > 1 { ", redirects included" } else { "" };
    let fault = Fault::new(format!("the first byte of the {what} took {}{redirects}", seconds(after))).at(at);
    let is_waited_for = patience.is_none_or(|patience| after <= patience);
    Some(if is_waited_for { fault.lighter(Severity::Warning) } else { fault })
}

/// As people write it: `30 s`, `7.2 s`.
pub(in crate::rules) fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} s"),
        (whole, tenth) => format!("{whole}.{tenth} s"),
    }
}

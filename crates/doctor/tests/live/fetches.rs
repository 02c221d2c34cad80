//! How a manifest is fetched, and what came.

use std::sync::Arc;
use std::time::Duration;

use doctor::{Answer, BodyEnd, Fetch, Fetched, Finding, Hop, Host, NoAnswer, RedirectStopped, Severity};
use ipa::Fact;

use crate::facts::{self, MANIFEST_URL, Road, answer, fetch, fetched, host, with_header};

const PLIST: &[u8] =
    b"<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>items</key><array/></dict></plist>";
const SIGN_IN: &[u8] = b"<!DOCTYPE html><form><input type=\"password\" name=\"p\"></form>";
const START: &[u8] = b"<!DOCTYPE html><title>Notes for teams</title>";

/// A host of this name, or the same over plain http.
pub(crate) fn host_at(url: &str) -> Host {
    let (scheme, rest) = url.split_once("://").expect("it is absolute");
    let name = rest.split('/').next().unwrap_or_default().to_owned();
    let sound = host();
    match scheme {
        "http" => Host { name, port: 80, tls: Fact::Absent, ..sound },
        _ if name == sound.name => sound,
        _ => facts::host_named(&name),
    }
}

/// Redirects by 302 from each of these addresses to the next, and what the last answers.
pub(crate) fn redirected(urls: &[&str], last: Answer) -> Fetch {
    let (end, before) = urls.split_last().expect("there is an address");
    let redirect = |url: &&str| hop(url, Ok(answer(302, "text/html", b"")));
    Fetch { hops: before.iter().map(redirect).chain([hop(end, Ok(last))]).collect(), stopped: None }
}

/// The last of these addresses is a redirect, too, and was not followed.
pub(crate) fn stopped(urls: &[&str], why: RedirectStopped) -> Fetch {
    Fetch { stopped: Some(why), ..redirected(urls, answer(302, "text/html", b"")) }
}

fn hop(url: &str, answer: Result<Answer, NoAnswer>) -> Hop {
    Hop { url: url.to_owned(), host: Arc::new(host_at(url)), answer }
}

/// No answer at this address.
pub(crate) fn unanswered(url: &str, why: NoAnswer) -> Fetch {
    Fetch { hops: vec![hop(url, Err(why))], stopped: None }
}

fn of(manifest: Fetched) -> Road<'static> {
    Road { manifest, ..Road::sound() }
}

fn answering(answer: Answer) -> Road<'static> {
    of(fetched(fetch(MANIFEST_URL, &Arc::new(host()), answer)))
}

/// The sound manifest, its answer changed.
fn changed(change: impl FnOnce(&mut Answer)) -> Road<'static> {
    let mut road = Road::sound();
    change(road.manifest.by_installer.hops[0].answer.as_mut().expect("it answers"));
    road
}

pub(crate) fn finding(road: &Road<'_>, name: &str) -> Finding {
    let findings = road.report().findings;
    let found = findings.iter().find(|finding| finding.name == name);
    assert!(found.is_some(), "{name} is not among {findings:?}");
    found.expect("it was looked for").clone()
}

fn error(name: &str) -> Vec<(String, Severity)> {
    vec![(name.to_owned(), Severity::Error)]
}

fn warning(name: &str) -> Vec<(String, Severity)> {
    vec![(name.to_owned(), Severity::Warning)]
}

#[test]
fn a_status_other_than_success_is_told_with_its_own_advice() {
    for (status, words, advice) in [
        (404, "404 Not Found", "right address"),
        (403, "403 Forbidden", "presigned"),
        (410, "410 Gone", "taken away"),
        (405, "405 Method Not Allowed", "answer GET"),
        (429, "429 Too Many Requests", "limit"),
        (500, "500 Internal Server Error", "log"),
        (503, "503 Service Unavailable", "proxy"),
        (525, "525", "Cloudflare"),
        (300, "300 Multiple Choices", "200 OK"),
        (599, "599", "log"),
    ] {
        let road = answering(answer(status, "text/html", b"<html><title>Sorry</title>"));
        assert_eq!(road.findings(), error("manifest-status"), "{status}");
        let finding = finding(&road, "manifest-status");
        assert_eq!(finding.message, format!("the manifest's address answers {words}"));
        assert!(finding.fix.contains(advice), "{status}: {}", finding.fix);
        assert!(finding.first_cause, "{status}");
    }
    for status in [200, 206] {
        let road = changed(|answer| answer.status = status);
        assert_eq!(road.findings(), vec![], "{status}");
    }
}

#[test]
fn a_login_is_told_in_place_of_what_follows_from_it() {
    let challenged =
        |status, name, challenge| with_header(answer(status, "text/plain", b"no"), name, challenge);
    let at_login =
        |url, status, body| fetched(redirected(&[MANIFEST_URL, url], answer(status, "text/html", body)));
    let ring = stopped(
        &[MANIFEST_URL, "https://apps.example.com/login", "https://apps.example.com/login?again"],
        RedirectStopped::Ring,
    );
    for (what, road) in [
        ("basic", answering(challenged(401, "www-authenticate", "Basic realm=\"Apps\""))),
        ("no scheme", answering(answer(401, "text/plain", b""))),
        ("a proxy's", answering(challenged(407, "proxy-authenticate", "Basic"))),
        ("a form in its place", answering(answer(200, "text/html", SIGN_IN))),
        ("a form with 403", answering(answer(403, "text/html", SIGN_IN))),
        (
            "a title in its place",
            answering(answer(200, "text/html", b"<html><title>Sign in - Notes</title>")),
        ),
        ("a path", of(at_login("https://apps.example.com/users/sign_in", 200, START))),
        ("a path with an ending", of(at_login("https://apps.example.com/wp-login.php", 200, START))),
        ("a host", of(at_login("https://sso.example.org/x", 200, START))),
        ("a host, refusing", of(at_login("https://login.example.org/x", 403, b"no"))),
        ("a provider", of(at_login("https://example.okta.com/app/x", 200, START))),
        ("a provider itself", of(at_login("https://accounts.google.com/v3", 400, START))),
        ("a form elsewhere", of(at_login("https://apps.example.com/welcome", 200, SIGN_IN))),
        ("a ring", of(fetched(ring))),
    ] {
        let report = road.report();
        assert_eq!(
            road.first_cause().as_deref(),
            Some("manifest-needs-login"),
            "{what}: {:?}",
            road.findings()
        );
        for other in report.findings.iter().filter(|one| one.name != "manifest-needs-login") {
            assert_eq!(other.follows_from.as_deref(), Some("FET002"), "{what}: {other:?}");
        }
    }
    let road = answering(challenged(401, "www-authenticate", "Basic realm=\"Apps\""));
    let finding = finding(&road, "manifest-needs-login");
    assert_eq!(
        finding.message,
        "the manifest's address answers 401 Unauthorized: it asks for a name and a password (Basic)"
    );
    assert_eq!(road.findings().len(), 1, "nothing is said besides: {:?}", road.findings());
}

#[test]
fn what_only_looks_like_a_login_is_none() {
    let plist = || answer(200, "text/xml", PLIST);
    let to = |url, last| of(fetched(redirected(&[MANIFEST_URL, url], last)));
    let missing = || answer(404, "text/html", START);
    for (what, road) in [
        ("the manifest behind a path of login", to("https://apps.example.com/auth/m.plist", plist())),
        ("an author's page", to("https://apps.example.com/authors/x", answer(200, "text/html", START))),
        ("a company of that name", to("https://auth.example/x", answer(200, "text/html", START))),
        ("nothing there", to("https://apps.example.com/oauth/m.plist", missing())),
        ("a page of not found that lets one sign in", answering(answer(404, "text/html", SIGN_IN))),
        ("an application", answering(answer(200, "text/html", START))),
        ("a plist that speaks of passwords", changed(|answer| answer.body.bytes.extend(SIGN_IN))),
    ] {
        let found = road.findings();
        assert!(found.iter().all(|(name, _)| name != "manifest-needs-login"), "{what}: {found:?}");
    }
}

#[test]
fn a_redirect_that_is_followed_is_a_warning_that_says_whose_name_is_shown() {
    for (url, message) in [
        (
            "https://cdn.example.net/m.plist?X-Amz-Signature=secret",
            "the manifest's address redirects to cdn.example.net, and that name is in the device's question",
        ),
        ("https://apps.example.com/v2/m.plist", "the manifest's address redirects to another of its host"),
    ] {
        let sound =
            facts::manifest(&Arc::new(host())).by_installer.hops[0].answer.clone().expect("it answers");
        let road = of(fetched(redirected(&[MANIFEST_URL, url], sound)));
        assert_eq!(road.findings(), warning("manifest-redirected"), "{url}");
        let finding = finding(&road, "manifest-redirected");
        assert_eq!(finding.message, message);
        assert_eq!(road.first_cause(), None);
        assert!(!format!("{finding:?}").contains("secret"), "{finding:?}");
    }
}

#[test]
fn a_redirect_that_leads_nowhere_is_an_error() {
    let elsewhere =
        |location: Option<&str>| RedirectStopped::Elsewhere { location: location.map(str::to_owned) };
    let other = "https://apps.example.com/other";
    for (what, fetch, message) in [
        ("a ring", stopped(&[MANIFEST_URL, other], RedirectStopped::Ring), "in a ring"),
        ("too many", stopped(&[MANIFEST_URL, other, other], RedirectStopped::TooMany), "3 times and more"),
        ("no address", stopped(&[MANIFEST_URL], elsewhere(None)), "there is no `Location`"),
        (
            "an app's address",
            stopped(&[MANIFEST_URL], elsewhere(Some("itms-services://?secret"))),
            "\"itms-services://\", which is no web address",
        ),
        (
            "plain http",
            redirected(&[MANIFEST_URL, "http://apps.example.com/m.plist"], answer(200, "text/xml", PLIST)),
            "plain http: http://apps.example.com/m.plist",
        ),
        (
            "plain http, where nothing is",
            redirected(&[MANIFEST_URL, "http://apps.example.com/m.plist"], answer(404, "text/html", START)),
            "plain http",
        ),
        (
            "plain http, and back",
            redirected(
                &[MANIFEST_URL, "http://apps.example.com/m.plist", "https://apps.example.com/x.plist"],
                answer(200, "text/xml", PLIST),
            ),
            "plain http",
        ),
    ] {
        let road = of(fetched(fetch));
        let finding = finding(&road, "manifest-redirected");
        assert_eq!(finding.severity, Severity::Error, "{what}");
        assert!(finding.message.contains(message), "{what}: {}", finding.message);
        assert_eq!(
            road.first_cause().as_deref(),
            Some("manifest-redirected"),
            "{what}: {:?}",
            road.findings()
        );
    }
}

#[test]
fn a_first_byte_is_slow_after_five_seconds_and_too_late_after_two_minutes() {
    for (after, expected) in [
        (Duration::from_secs(5), None),
        (Duration::from_millis(5001), Some(Severity::Warning)),
        (Duration::from_mins(2), Some(Severity::Warning)),
        (Duration::from_millis(120_001), Some(Severity::Error)),
    ] {
        let road = changed(|answer| answer.after = after);
        let expected: Vec<_> =
            expected.map(|weight| ("manifest-slow".to_owned(), weight)).into_iter().collect();
        assert_eq!(road.findings(), expected, "{after:?}");
    }
    let mut road = of(fetched(redirected(
        &[MANIFEST_URL, "https://apps.example.com/v2/m.plist"],
        answer(200, "text/xml", PLIST),
    )));
    for hop in &mut road.manifest.by_installer.hops {
        hop.answer.as_mut().expect("it answers").after = Duration::from_millis(3600);
    }
    let finding = finding(&road, "manifest-slow");
    assert_eq!(finding.message, "the first byte of the manifest took 7.2 s, redirects included");
}

#[test]
fn silence_is_an_error_however_long_it_was_waited_for() {
    for seconds in [1, 5, 30] {
        let after = Duration::from_secs(seconds);
        let nothing = of(fetched(unanswered(MANIFEST_URL, NoAnswer::Silent { after })));
        let half = changed(|answer| {
            answer.body.bytes.truncate(100);
            answer.body.end = BodyEnd::Silent { after };
        });
        for (road, message) in [
            (nothing, format!("nothing came of the manifest within {seconds} s")),
            (
                half,
                format!("the manifest stopped coming after 100 bytes: nothing more came within {seconds} s"),
            ),
        ] {
            let finding = finding(&road, "manifest-slow");
            assert_eq!((finding.severity, finding.message), (Severity::Error, message));
            assert_eq!(road.first_cause().as_deref(), Some("manifest-slow"), "{:?}", road.findings());
        }
    }
}

#[test]
fn a_manifest_may_be_sent_as_xml_or_as_a_property_list_and_as_nothing_else() {
    for kind in ["text/xml", "Text/XML; charset=utf-8", "application/xml", "application/x-plist"] {
        assert_eq!(changed(|answer| answer.headers[0].1 = kind.to_owned()).findings(), vec![], "{kind}");
    }
    for kind in ["text/html", "text/plain; charset=utf-8", "application/json", "application/octet-stream", ""]
    {
        let road = changed(|answer| answer.headers[0].1 = kind.to_owned());
        assert_eq!(road.findings(), warning("manifest-content-type"), "{kind}");
    }
    let road = changed(|answer| answer.headers.retain(|(name, _)| name != "content-type"));
    assert_eq!(
        finding(&road, "manifest-content-type").message,
        "the manifest is sent without a `Content-Type`"
    );
    assert_eq!(answering(answer(200, "text/html", START)).findings(), error("manifest-is-html"));
}

#[test]
fn an_answer_that_breaks_off_is_told_and_not_what_is_left_of_the_manifest() {
    let not_http = NoAnswer::NotHttp { reason: "the answer has more than 100 header fields".to_owned() };
    for (what, road, message) in [
        (
            "closed",
            of(fetched(unanswered(MANIFEST_URL, NoAnswer::Dropped))),
            "the server closes the connection instead of sending the manifest",
        ),
        (
            "no http",
            of(fetched(unanswered(MANIFEST_URL, not_http))),
            "what the server sends for the manifest is no answer of HTTP: the answer has more than 100 header fields",
        ),
        (
            "cut",
            changed(|answer| {
                answer.headers[1].1 = "2000".to_owned();
                answer.body.bytes.truncate(100);
                answer.body.end = BodyEnd::CutOff;
            }),
            "the connection broke after 100 of the 2000 bytes of the manifest",
        ),
        (
            "cut, nothing announced",
            changed(|answer| {
                answer.headers.truncate(1);
                answer.body.bytes.truncate(100);
                answer.body.end = BodyEnd::CutOff;
            }),
            "the connection broke after 100 bytes of the manifest",
        ),
        (
            "less than announced",
            changed(|answer| {
                answer.headers[1].1 = "101".to_owned();
                answer.body.bytes.truncate(100);
            }),
            "the server announced 101 bytes of the manifest and sent 100",
        ),
        (
            "without end",
            changed(|answer| {
                answer.body.bytes = b"<?xml version=\"1.0\"?><!-- ".repeat(40);
                answer.body.end = BodyEnd::Unread;
            }),
            "the manifest has no end: 1040 bytes were read, and more came",
        ),
        (
            "not as encoded as it says",
            changed(|answer| answer.body.end = BodyEnd::Encoded { encoding: "gzip".to_owned() }),
            "the manifest is said to be encoded as gzip, and can't be decoded",
        ),
    ] {
        assert_eq!(finding(&road, "manifest-cut-off").message, message, "{what}");
        assert_eq!(road.first_cause().as_deref(), Some("manifest-cut-off"), "{what}: {:?}", road.findings());
    }
}

#[test]
fn a_manifest_in_an_encoding_that_is_not_read_here_is_not_judged() {
    let road = changed(|answer| {
        answer.body.bytes = vec![0x1b; 100];
        answer.headers.push(("content-encoding".to_owned(), "br".to_owned()));
        answer.body.end = BodyEnd::Encoded { encoding: "br".to_owned() };
    });
    let report = road.report();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let told = report.skipped.iter().find(|skipped| skipped.name == "manifest-cut-off");
    let reason = told.map(|skipped| &*skipped.reason);
    assert_eq!(reason, Some("the manifest came encoded as br, which is not read here"));
}

#[test]
fn a_page_without_end_is_a_page() {
    let road = changed(|answer| {
        answer.body.bytes = START.to_vec();
        answer.body.end = BodyEnd::Unread;
    });
    assert_eq!(road.findings(), error("manifest-is-html"));
}

#[test]
fn what_was_decoded_may_be_longer_than_was_announced() {
    let road = changed(|answer| {
        answer.headers[1].1 = "300".to_owned();
        answer.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    });
    assert_eq!(road.findings(), vec![]);
}

#[test]
fn where_nobody_was_reached_the_fetch_is_not_judged() {
    let road = of(fetched(unanswered(MANIFEST_URL, NoAnswer::NoConnection)));
    let found = road.findings();
    assert!(found.iter().all(|(name, _)| !name.starts_with("manifest-")), "{found:?}");
}

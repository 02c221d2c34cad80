//! How a package is fetched, and what came.

use std::sync::Arc;
use std::time::Duration;

use doctor::{
    Answer, Body, BodyEnd, Evidence, EvidencePlace, Fetch, Finding, NoAnswer, PackageFetch, RedirectStopped,
    Severity,
};

use crate::facts::{PACKAGE_BYTES, PACKAGE_URL, Road, answer, fetch, fetched, host, with_header};
use crate::fetches::{finding, redirected, stopped, unanswered};

const OTHER: &str = "https://apps.example.com/v2/notes.ipa";

/// The sound road, what the package's requests were answered with changed.
fn changed(change: impl FnOnce(&mut PackageFetch)) -> Road<'static> {
    let mut road = Road::sound();
    change(&mut road.package);
    road
}

/// The answer to a request that is answered at once.
fn of(fetch: &mut Fetch) -> &mut Answer {
    fetch.hops[0].answer.as_mut().expect("it answers")
}

fn get(package: &mut PackageFetch) -> &mut Answer {
    of(&mut package.get.by_installer)
}

fn part(package: &mut PackageFetch) -> &mut Answer {
    of(&mut package.range.as_mut().expect("a part was asked for").fetch)
}

fn set(answer: &mut Answer, name: &str, value: &str) {
    *answer = with_header(answer.clone(), name, value);
}

fn unset(answer: &mut Answer, name: &str) {
    answer.headers.retain(|(other, _)| other != name);
}

/// The sound road, the package's GET another one.
fn getting(get: Fetch) -> Road<'static> {
    changed(|package| package.get = fetched(get))
}

/// The sound road, with this in the package's place wherever it is asked for.
fn serving(status: u16, content_type: &str, body: &[u8]) -> Road<'static> {
    let here = || fetch(PACKAGE_URL, &Arc::new(host()), answer(status, content_type, body));
    changed(|package| {
        package.get = fetched(here());
        package.head = here();
        package.range.as_mut().expect("a part was asked for").fetch = here();
    })
}

/// The only thing that is found.
fn only(road: &Road<'_>, name: &str) -> Finding {
    let names: Vec<String> = road.findings().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [name]);
    finding(road, name)
}

fn assert_sound(road: &Road<'_>, what: &str) {
    assert_eq!(road.findings(), vec![], "{what}");
}

/// What stands at the place of this kind.
fn seen<'a>(finding: &'a Finding, kind: EvidencePlace, at: &str) -> Option<&'a str> {
    let is_there = |evidence: &&Evidence| evidence.kind == kind && evidence.at == at;
    finding.evidence.iter().find(is_there)?.seen.as_deref()
}

#[test]
fn a_status_other_than_success_is_one_finding_whatever_else_fails_with_it() {
    for (status, words, advice) in [
        (404, "404 Not Found", "right address"),
        (403, "403 Forbidden", "presigned"),
        (500, "500 Internal Server Error", "log"),
    ] {
        let road = serving(status, "text/html", b"<html><title>Sorry</title>");
        let finding = only(&road, "package-status");
        assert_eq!(finding.message, format!("the package's address answers {words}"));
        assert!(finding.fix.contains(advice), "{status}: {}", finding.fix);
        assert!(finding.first_cause, "{status}");
    }
}

#[test]
fn a_login_before_the_package_is_told_as_one() {
    let page = || answer(200, "text/html", b"<!DOCTYPE html><title>Sign in</title><input type=password>");
    let basic = with_header(answer(401, "text/plain", b""), "www-authenticate", "Digest realm=\"Apps\"");
    for (what, fetch, message) in [
        (
            "401",
            fetch(PACKAGE_URL, &Arc::new(host()), basic),
            "the package's address answers 401 Unauthorized: it asks for a name and a password (Digest)",
        ),
        (
            "a page",
            fetch(PACKAGE_URL, &Arc::new(host()), page()),
            "the package's address answers with a page to sign in",
        ),
        (
            "a page elsewhere",
            redirected(&[PACKAGE_URL, "https://login.example.org/x"], page()),
            "the package's address leads to a page to sign in",
        ),
    ] {
        let finding = only(&getting(fetch), "package-status");
        assert_eq!(finding.message, message, "{what}");
        assert!(finding.fix.contains("login"), "{what}: {}", finding.fix);
    }
}

#[test]
fn a_redirect_is_a_warning_where_it_leads_to_the_package_and_else_an_error() {
    let package = || get(&mut Road::sound().package).clone();
    for (url, host) in
        [("https://cdn.example.net/x?Signature=secret", "cdn.example.net"), (OTHER, "another of its host")]
    {
        let finding = only(&getting(redirected(&[PACKAGE_URL, url], package())), "package-redirected");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(
            finding.message,
            format!("the package's address redirects to {host}, and some devices may not follow")
        );
        assert!(!format!("{finding:?}").contains("secret"), "{finding:?}");
    }
    for (what, fetch) in [
        ("a ring", stopped(&[PACKAGE_URL, OTHER], RedirectStopped::Ring)),
        ("too many", stopped(&[PACKAGE_URL, OTHER], RedirectStopped::TooMany)),
        ("nowhere", stopped(&[PACKAGE_URL], RedirectStopped::Elsewhere { location: None })),
        ("plain http", redirected(&[PACKAGE_URL, "http://apps.example.com/notes.ipa"], package())),
    ] {
        let finding = only(&getting(fetch), "package-redirected");
        assert_eq!((finding.severity, finding.first_cause), (Severity::Error, true), "{what}");
    }
}

#[test]
fn the_package_s_first_byte_is_slow_after_five_seconds_and_silence_is_an_error() {
    assert_sound(&changed(|package| get(package).after = Duration::from_secs(5)), "5 s");
    for millis in [5001, 400_000] {
        let road = changed(|package| get(package).after = Duration::from_millis(millis));
        assert_eq!(only(&road, "package-slow").severity, Severity::Warning, "{millis}");
    }
    let after = Duration::from_secs(30);
    let nothing = getting(unanswered(PACKAGE_URL, NoAnswer::Silent { after }));
    let half = changed(|package| get(package).body.end = BodyEnd::Silent { after });
    for (road, message) in [
        (nothing, "nothing came of the package within 30 s"),
        (half, "the package stopped coming after 4096 bytes: nothing more came within 30 s"),
    ] {
        let finding = only(&road, "package-slow");
        assert_eq!((finding.severity, &*finding.message), (Severity::Error, message));
    }
}

#[test]
fn what_breaks_off_in_the_part_that_is_read_is_told() {
    let cut = changed(|package| get(package).body.end = BodyEnd::CutOff);
    let cut_before_a_byte = changed(|package| {
        let get = get(package);
        get.body.bytes.clear();
        get.body.end = BodyEnd::CutOff;
    });
    let short = changed(|package| get(package).body.end = BodyEnd::Whole);
    for (road, message) in [
        (cut, "the connection broke after 4096 of the 12345678 bytes of the package"),
        (cut_before_a_byte, "the connection broke after 0 of the 12345678 bytes of the package"),
        (short, "the server announced 12345678 bytes of the package and sent 4096"),
        (
            getting(unanswered(PACKAGE_URL, NoAnswer::Dropped)),
            "the server closes the connection instead of sending the package",
        ),
    ] {
        let finding = only(&road, "package-cut-off");
        assert_eq!((finding.severity, &*finding.message), (Severity::Error, message));
    }
    let small = changed(|package| {
        for answer in [of(&mut package.head), of(&mut package.get.by_installer)] {
            set(answer, "content-length", "4096");
        }
        get(package).body.end = BodyEnd::Whole;
        set(part(package), "content-range", "bytes 100-199/4096");
    });
    assert_sound(&small, "a package that was read to its end");
}

#[test]
fn what_comes_in_place_of_the_package_is_one_finding_and_quoted() {
    let start = b"<!doctype html><html><head><title>Notes for teams</title>";
    let s3 =
        b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    for (what, content_type, body, message, at, text) in [
        ("a page", "text/html", &start[..], "an HTML page", "title", "\"Notes for teams\""),
        ("a bucket's error", "application/xml", s3, "an XML document", "Error.Code", "\"AccessDenied\""),
        (
            "an API's error",
            "application/json",
            b"{\"message\":\"404 Project Not Found\"}",
            "a JSON document",
            "text",
            "\"{\\\"message\\\":\\\"404 Project Not Found\\\"}\"",
        ),
        ("text", "text/plain", b"not here", "text", "text", "\"not here\""),
    ] {
        let road = serving(200, content_type, body);
        let finding = only(&road, "package-not-a-zip");
        assert!(finding.first_cause, "{what}");
        assert_eq!(finding.message, format!("what comes is no zip archive but {message}"), "{what}");
        assert_eq!(seen(&finding, EvidencePlace::KeyPath, at), Some(text), "{what}");
        assert_eq!(seen(&finding, EvidencePlace::Header, "Content-Type"), Some(content_type), "{what}");
    }
    for (what, body, advice) in [
        ("a note", &b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"[..], "git lfs pull"),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0", "unpack"),
        ("nothing", b"", "compare its size"),
        ("zeros", &[0; 512], "compare its size"),
        ("three letters", b"PK\x03", "the letters `PK`"),
    ] {
        let finding = only(&serving(200, "application/octet-stream", body), "package-not-a-zip");
        assert!(finding.fix.contains(advice), "{what}: {}", finding.fix);
    }
    for start in [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"] {
        let road = changed(|package| {
            get(package).body.bytes[..4].copy_from_slice(start);
        });
        assert_sound(&road, "it begins as an archive does");
    }
}

#[test]
fn head_is_to_be_answered_as_get_is() {
    let heading = |head: Fetch| changed(|package| package.head = head);
    let here = |status| fetch(PACKAGE_URL, &Arc::new(host()), answer(status, "text/plain", b""));
    for (head, message, advice) in [
        (here(403), "GET is answered, and HEAD with 403 Forbidden", "presigned"),
        (here(405), "GET is answered, and HEAD with 405 Method Not Allowed", "answers GET"),
        (here(501), "GET is answered, and HEAD with 501 Not Implemented", "answers GET"),
        (here(404), "GET is answered, and HEAD with 404 Not Found", "answers GET"),
        (here(500), "GET is answered, and HEAD with 500 Internal Server Error", "as it answers GET"),
        (
            stopped(&[PACKAGE_URL, OTHER], RedirectStopped::Ring),
            "GET is answered, and HEAD with 302 Found",
            "as it answers GET",
        ),
        (
            unanswered(PACKAGE_URL, NoAnswer::Dropped),
            "GET is answered, and HEAD is not: the server closes the connection",
            "as it answers GET",
        ),
        (
            unanswered(PACKAGE_URL, NoAnswer::Silent { after: Duration::from_secs(30) }),
            "GET is answered, and HEAD is not: nothing came within 30 s",
            "as it answers GET",
        ),
    ] {
        let finding = only(&heading(head), "head-refused");
        assert_eq!((finding.severity, &*finding.message), (Severity::Warning, message));
        assert!(finding.fix.contains(advice), "{message}: {}", finding.fix);
    }
    let after = |millis| changed(|package| of(&mut package.head).after = Duration::from_millis(millis));
    assert_sound(&after(30_000), "30 s");
    let finding = only(&after(30_100), "head-refused");
    assert_eq!(finding.message, "HEAD is answered after 30.1 s, and a device waits 30 s");
}

#[test]
fn the_length_is_to_be_told_and_the_same_each_time() {
    let messages = |road: &Road<'_>| -> Vec<String> {
        let found = road.report().findings.into_iter();
        found
            .inspect(|finding| {
                assert_eq!(
                    (&*finding.name, finding.severity),
                    ("length-missing-or-wrong", Severity::Warning)
                );
            })
            .map(|finding| finding.message)
            .collect()
    };
    for (road, expected) in [
        (
            changed(|package| unset(of(&mut package.head), "content-length")),
            &["the answer to HEAD has no `Content-Length`"][..],
        ),
        (
            changed(|package| {
                unset(get(package), "content-length");
                set(get(package), "transfer-encoding", "chunked");
            }),
            &["the answer to GET has no `Content-Length`"],
        ),
        (
            changed(|package| set(of(&mut package.head), "content-length", "0")),
            &["the answer to HEAD says that the package has 0 bytes"],
        ),
        (
            changed(|package| set(of(&mut package.head), "content-length", "12345677")),
            &["HEAD says 12345677 bytes, and GET 12345678"],
        ),
        (
            changed(|package| set(of(&mut package.head), "content-length", "many")),
            &["the `Content-Length` with which HEAD is answered is no number"],
        ),
        (
            changed(|package| set(part(package), "content-range", "bytes 100-199/12345679")),
            &["a part is said to be of 12345679 bytes, and the whole has 12345678"],
        ),
        (
            changed(|package| {
                unset(get(package), "content-length");
                set(part(package), "content-range", "bytes 100-199/12345679");
            }),
            &[
                "the answer to GET has no `Content-Length`",
                "a part is said to be of 12345679 bytes, and the whole has 12345678",
            ],
        ),
    ] {
        assert_eq!(messages(&road), expected);
    }
    let unknown = changed(|package| set(part(package), "content-range", "bytes 100-199/*"));
    assert_sound(&unknown, "a part may be of a length that is not told");
}

#[test]
fn a_part_is_to_be_the_one_that_was_asked_for() {
    const ASKED: &str = "asked for bytes 100 to 199, the server";
    let ranging =
        |fetch: Fetch| changed(|package| package.range.as_mut().expect("one was asked for").fetch = fetch);
    let other_bytes = |place: usize| changed(|package| part(package).body.bytes[place] ^= 1);
    let cut = |bytes: usize, end: BodyEnd| {
        changed(|package| {
            part(package).body.bytes.truncate(bytes);
            part(package).body.end = end;
        })
    };
    for (what, road, message) in [
        ("200", changed(|package| part(package).status = 200), format!("{ASKED} sends the whole package")),
        (
            "416",
            changed(|package| part(package).status = 416),
            format!("{ASKED} answers 416 Range Not Satisfiable"),
        ),
        (
            "another part",
            changed(|package| set(part(package), "content-range", &format!("bytes 0-99/{PACKAGE_BYTES}"))),
            format!("{ASKED} sends another part"),
        ),
        (
            "no part named",
            changed(|package| unset(part(package), "content-range")),
            format!("{ASKED} sends a part without `Content-Range`, so that nobody knows which"),
        ),
        (
            "the first byte differs",
            other_bytes(0),
            format!("{ASKED} sends other bytes than it sends in the whole, from byte 100 on"),
        ),
        (
            "the last byte differs",
            other_bytes(99),
            format!("{ASKED} sends other bytes than it sends in the whole, from byte 199 on"),
        ),
        ("too few", cut(99, BodyEnd::Whole), format!("{ASKED} sends 99 bytes, not 100")),
        ("cut off", cut(7, BodyEnd::CutOff), format!("{ASKED} sends 7 bytes and closes the connection")),
        (
            "silent",
            cut(7, BodyEnd::Silent { after: Duration::from_secs(9) }),
            format!("{ASKED} sends 7 bytes and nothing more within 9 s"),
        ),
        (
            "dropped",
            ranging(unanswered(PACKAGE_URL, NoAnswer::Dropped)),
            "asked for a part, the server closes the connection".to_owned(),
        ),
    ] {
        let finding = only(&road, "ranges-not-supported");
        assert_eq!((finding.severity, finding.message), (Severity::Warning, message), "{what}");
    }
    let unsaid = changed(|package| {
        unset(get(package), "accept-ranges");
        unset(part(package), "accept-ranges");
    });
    assert_eq!(only(&unsaid, "ranges-not-supported").severity, Severity::Note);
    assert_sound(&changed(|package| unset(part(package), "accept-ranges")), "it is said with the whole");
    assert_sound(&changed(|package| package.range = None), "there was nothing to ask a part of");
}

#[test]
fn a_package_that_is_compressed_on_its_way_is_one_cause_of_what_else_is_missing() {
    let compressed = changed(|package| {
        let get = get(package);
        set(get, "content-encoding", "gzip");
        unset(get, "content-length");
        unset(get, "accept-ranges");
        let whole = get.clone();
        *part(package) = whole;
    });
    let findings = compressed.report().findings;
    let told: Vec<_> =
        findings.iter().map(|one| (&*one.name, one.severity, one.follows_from.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("content-encoded", Severity::Warning, None),
            ("length-missing-or-wrong", Severity::Warning, Some("PKG006")),
            ("ranges-not-supported", Severity::Warning, Some("PKG006")),
        ]
    );
    assert_eq!(findings[0].message, "the package is compressed on its way, as gzip");

    let mislabelled = changed(|package| {
        let get = get(package);
        set(get, "content-encoding", "gzip");
        get.body.end = BodyEnd::Encoded { encoding: "gzip".to_owned() };
    });
    let finding = only(&mislabelled, "content-encoded");
    assert_eq!((finding.severity, finding.first_cause), (Severity::Error, true));
    assert_eq!(finding.message, "the package is said to be encoded as gzip, and can't be decoded");

    let unknown = changed(|package| {
        let get = get(package);
        set(get, "content-encoding", "br");
        get.body = Body { bytes: vec![0x1b; 100], end: BodyEnd::Encoded { encoding: "br".to_owned() } };
    });
    let finding = only(&unknown, "content-encoded");
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.message, "the package is compressed on its way, as br");

    for encoding in ["identity", "Identity", ""] {
        assert_sound(&changed(|package| set(get(package), "content-encoding", encoding)), encoding);
    }
}

#[test]
fn a_package_may_be_sent_as_bytes_or_as_an_archive_and_not_as_text() {
    for kind in [
        "application/octet-stream",
        "Application/Zip; x=y",
        "binary/octet-stream",
        "application/x-itunes-ipa",
    ] {
        assert_sound(&changed(|package| set(get(package), "content-type", kind)), kind);
    }
    for kind in ["text/html", "text/plain; charset=utf-8", "application/json"] {
        let finding =
            only(&changed(|package| set(get(package), "content-type", kind)), "package-content-type");
        assert_eq!(finding.severity, Severity::Warning, "{kind}");
    }
    let road = changed(|package| unset(get(package), "content-type"));
    assert_eq!(only(&road, "package-content-type").message, "the package is sent without a `Content-Type`");
}

#[test]
fn where_nobody_was_reached_the_package_s_fetch_is_not_judged() {
    let road = changed(|package| {
        package.get = fetched(unanswered(PACKAGE_URL, NoAnswer::NoConnection));
        package.head = unanswered(PACKAGE_URL, NoAnswer::NoConnection);
        package.range = None;
    });
    let found = road.findings();
    let is_of_the_fetch = |name: &str| name.starts_with("package-") || name == "head-refused";
    assert!(found.iter().all(|(name, _)| !is_of_the_fetch(name)), "{found:?}");
}

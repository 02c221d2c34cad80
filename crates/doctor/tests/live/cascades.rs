//! Of several faults on one road, the first is told as the cause.

use std::sync::Arc;
use std::time::Duration;

use doctor::{
    Answer, BodyEnd, Fetched, Host, NoAnswer, PackageFetch, RangeFetch, RedirectStopped, Severity, Unreached,
};

use crate::facts::{
    MANIFEST_URL, PACKAGE_URL, Road, answer, fetch, fetched, host, manifest, package, with_header,
};
use crate::fetches::{redirected, stopped};

const OTHER: &str = "https://apps.example.com/v2/other";
const PAGE: &[u8] = b"<!DOCTYPE html><title>Notes for teams</title>";
const SIGN_IN: &[u8] = b"<!DOCTYPE html><title>Sign in</title><input type=\"password\">";

/// A trouble of one part of the road: the finding that is to be told of it, and how to make it.
struct Trouble<T> {
    name: &'static str,
    severity: Severity,
    make: fn(&Arc<Host>) -> T,
}

const fn error<T>(name: &'static str, make: fn(&Arc<Host>) -> T) -> Trouble<T> {
    Trouble { name, severity: Severity::Error, make }
}

const fn warning<T>(name: &'static str, make: fn(&Arc<Host>) -> T) -> Trouble<T> {
    Trouble { name, severity: Severity::Warning, make }
}

const OF_MANIFESTS: [Trouble<Fetched>; 14] = [
    error("manifest-status", |host| at_manifest(host, answer(404, "text/html", PAGE))),
    error("manifest-status", |host| at_manifest(host, answer(503, "text/plain", b"busy"))),
    error("manifest-needs-login", |host| at_manifest(host, answer(401, "text/plain", b""))),
    error("manifest-needs-login", |host| at_manifest(host, answer(200, "text/html", SIGN_IN))),
    error("manifest-redirected", |_| fetched(stopped(&[MANIFEST_URL, OTHER], RedirectStopped::Ring))),
    error("manifest-redirected", |_| fetched(stopped(&[MANIFEST_URL], RedirectStopped::TooMany))),
    error("manifest-slow", |host| no_manifest(host, NoAnswer::Silent { after: Duration::from_secs(30) })),
    error("manifest-cut-off", |host| no_manifest(host, NoAnswer::Dropped)),
    error("manifest-cut-off", |host| {
        changed_manifest(host, |answer| {
            answer.body.bytes.truncate(200);
            answer.body.end = BodyEnd::CutOff;
        })
    }),
    error("manifest-is-html", |host| at_manifest(host, answer(200, "text/html", PAGE))),
    error("manifest-not-a-plist", |host| {
        at_manifest(host, answer(200, "text/xml", b"<?xml version=\"1.0\"?><"))
    }),
    warning("manifest-slow", |host| changed_manifest(host, |answer| answer.after = Duration::from_secs(6))),
    warning("manifest-content-type", |host| {
        changed_manifest(host, |answer| *answer = with_header(answer.clone(), "content-type", "text/plain"))
    }),
    warning("manifest-redirected", |host| {
        let sound = manifest(host).by_installer.hops[0].answer.clone().expect("it answers");
        fetched(redirected(&[MANIFEST_URL, OTHER], sound))
    }),
];

const OF_PACKAGES: [Trouble<PackageFetch>; 13] = [
    error("package-status", |host| everywhere(host, &answer(404, "text/html", PAGE))),
    error("package-status", |host| everywhere(host, &answer(401, "text/plain", b""))),
    error("package-status", |host| everywhere(host, &answer(200, "text/html", SIGN_IN))),
    error("package-not-a-zip", |host| everywhere(host, &answer(200, "text/html", PAGE))),
    error("package-not-a-zip", |host| {
        everywhere(host, &answer(200, "text/plain", b"version https://git-lfs"))
    }),
    error("package-redirected", |host| {
        let get = fetched(stopped(&[PACKAGE_URL, OTHER], RedirectStopped::Ring));
        PackageFetch { get, ..package(host) }
    }),
    error("package-slow", |host| {
        changed_package(host, |answer| answer.body.end = BodyEnd::Silent { after: Duration::from_secs(30) })
    }),
    error("package-cut-off", |host| changed_package(host, |answer| answer.body.end = BodyEnd::CutOff)),
    error("content-encoded", |host| {
        changed_package(host, |answer| answer.body.end = BodyEnd::Encoded { encoding: "gzip".to_owned() })
    }),
    warning("content-encoded", |host| {
        changed_package(host, |answer| *answer = with_header(answer.clone(), "content-encoding", "br"))
    }),
    warning("package-content-type", |host| {
        changed_package(host, |answer| *answer = with_header(answer.clone(), "content-type", "text/plain"))
    }),
    warning("head-refused", |host| PackageFetch {
        head: fetch(PACKAGE_URL, host, answer(405, "text/plain", b"")),
        ..package(host)
    }),
    warning("ranges-not-supported", |host| PackageFetch {
        range: Some(whole_for_part(host)),
        ..package(host)
    }),
];

fn at_manifest(host: &Arc<Host>, answer: Answer) -> Fetched {
    fetched(fetch(MANIFEST_URL, host, answer))
}

fn no_manifest(host: &Arc<Host>, why: NoAnswer) -> Fetched {
    let mut fetched = manifest(host);
    fetched.by_installer.hops[0].answer = Err(why);
    fetched
}

fn changed_manifest(host: &Arc<Host>, change: impl FnOnce(&mut Answer)) -> Fetched {
    let mut fetched = manifest(host);
    change(fetched.by_installer.hops[0].answer.as_mut().expect("it answers"));
    fetched
}

fn changed_package(host: &Arc<Host>, change: impl FnOnce(&mut Answer)) -> PackageFetch {
    let mut package = package(host);
    change(package.get.by_installer.hops[0].answer.as_mut().expect("it answers"));
    package
}

/// The same answer to each of the package's requests.
fn everywhere(host: &Arc<Host>, answer: &Answer) -> PackageFetch {
    let here = || fetch(PACKAGE_URL, host, answer.clone());
    let mut package = package(host);
    package.head = here();
    package.get = fetched(here());
    package.range.as_mut().expect("a part was asked for").fetch = here();
    package
}

fn whole_for_part(host: &Arc<Host>) -> RangeFetch {
    let package = package(host);
    let range = package.range.expect("a part was asked for");
    RangeFetch { fetch: package.get.by_installer, ..range }
}

#[test]
fn of_a_manifest_s_and_a_package_s_trouble_each_is_told_once_and_the_first_is_the_cause() {
    let host = Arc::new(host());
    let mut judged = 0;
    for of_manifest in &OF_MANIFESTS {
        for of_package in &OF_PACKAGES {
            let road = Road {
                manifest: (of_manifest.make)(&host),
                package: (of_package.make)(&host),
                ..Road::sound()
            };
            let report = road.report();
            let roots: Vec<_> = report
                .findings
                .iter()
                .filter(|finding| finding.follows_from.is_none())
                .map(|finding| (&*finding.name, finding.severity))
                .collect();
            let pair = [(of_manifest.name, of_manifest.severity), (of_package.name, of_package.severity)];
            // What the bytes of a manifest are is found behind its fetch, and before that of the package.
            assert_eq!(roots, pair, "{:?}", report.findings);
            let first = pair.into_iter().find(|(_, severity)| *severity == Severity::Error);
            assert_eq!(report.first_cause().map(|finding| &*finding.name), first.map(|(name, _)| name));
            judged += 1;
        }
    }
    assert_eq!(judged, OF_MANIFESTS.len() * OF_PACKAGES.len());
}

#[test]
fn where_the_host_is_not_reached_nothing_is_said_of_what_would_be_fetched() {
    for (connection, name) in [
        (Unreached::NotResolved { reason: "no such name".to_owned() }, "name-not-resolved"),
        (Unreached::Refused, "connection-refused"),
        (Unreached::Silent { after: Duration::from_secs(10) }, "connection-slow"),
    ] {
        let road = Road::of(Host { connection: Err(connection), ..host() });
        assert_eq!(road.findings(), [(name.to_owned(), Severity::Error)]);
        assert_eq!(road.first_cause().as_deref(), Some(name));
    }
}

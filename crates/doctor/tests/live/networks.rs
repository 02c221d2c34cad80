//! NET: names, addresses, connections, and filters on the way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doctor::Severity::{Error, Note, Warning};
use doctor::{Answer, Connected, Host, NoAnswer, Severity, Station, Unreached};
use ipa::Fact;

use crate::facts::{MANIFEST_URL, Road, answer, connected, fetch, host, manifest, with_header};

fn one(name: &str, severity: Severity) -> Vec<(String, Severity)> {
    vec![(name.to_owned(), severity)]
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("it is an address")
}

fn silent(seconds: u64) -> Unreached {
    Unreached::Silent { after: Duration::from_secs(seconds) }
}

/// The sound host with these addresses, of which the first took the connection.
fn at(addresses: &[&str]) -> Host {
    let addresses: Vec<_> = addresses.iter().map(|one| ip(one)).collect();
    let connection = Ok(Connected { address: addresses[0], ..connected() });
    Host { addresses, connection, ..host() }
}

/// The sound host with these addresses, to which there was no connection.
fn unreached(addresses: &[&str], why: Unreached) -> Host {
    let tls = Fact::NotMeasured("there was no connection".to_owned());
    Host { connection: Err(why), tls, ..at(addresses) }
}

const PUBLIC: &str = "93.184.215.14";
const PUBLIC_IPV6: &str = "2606:2800:21f:cb07::1";

#[test]
fn a_name_without_an_address_is_the_one_finding() {
    let reason = "no such host is known".to_owned();
    let mut road =
        Road::of(Host { addresses: Vec::new(), ..unreached(&[PUBLIC], Unreached::NotResolved { reason }) });
    assert_eq!(road.first_cause().as_deref(), Some("name-not-resolved"));
    let report = road.report();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.fails_at, Some(Station::Network));
    let message = "the name \"apps.example.com\" leads to no address: no such host is known";
    assert_eq!(report.findings[0].message, message);

    for (name, is_local) in [
        ("apps.example.com", false),
        ("mylocal", true),
        ("mac.local", true),
        ("MAC.LOCAL.", true),
        ("notlocal.com", false),
        ("apps.mylocal", false),
        ("ci.corp", true),
    ] {
        let mut host = (*road.manifest.by_installer.hops[0].host).clone();
        host.name = name.to_owned();
        road = Road::of(host);
        assert_eq!(road.report().findings[0].fix.contains("--resolve"), is_local, "{name}");
    }
}

#[test]
fn addresses_are_told_by_who_reaches_them() {
    let not_allowed = |addresses: &[&str]| unreached(addresses, Unreached::NotAllowed);
    let loopback = |severity| one("address-is-loopback", severity);
    let private = |severity| one("address-is-private", severity);
    for (host, may_be_private, expected) in [
        (at(&[PUBLIC]), false, vec![]),
        (at(&[PUBLIC, PUBLIC_IPV6]), true, vec![]),
        (not_allowed(&["127.0.0.1"]), false, loopback(Error)),
        (not_allowed(&["0.0.0.0", "::1"]), false, loopback(Error)),
        (not_allowed(&["::ffff:127.0.0.1"]), false, loopback(Error)),
        (at(&["127.0.0.1"]), true, loopback(Note)),
        (at(&[PUBLIC, "127.0.0.1"]), false, loopback(Warning)),
        (not_allowed(&["192.168.1.20"]), false, private(Warning)),
        (not_allowed(&["100.64.0.9"]), false, private(Warning)),
        (not_allowed(&["fd00::7"]), false, private(Warning)),
        (not_allowed(&["169.254.7.7"]), false, private(Warning)),
        (at(&["192.168.1.20"]), true, private(Note)),
        (at(&[PUBLIC, "10.0.0.7"]), false, private(Warning)),
        (at(&[PUBLIC, "10.0.0.7"]), true, private(Note)),
        (not_allowed(&["203.0.113.7", "224.0.0.1"]), false, one("connection-refused", Error)),
    ] {
        let addresses = host.addresses.clone();
        let mut road = Road::of(host);
        road.may_be_private = may_be_private;
        assert_eq!(road.findings(), expected, "{addresses:?}, {may_be_private}");
    }
}

#[test]
fn what_was_left_alone_says_so_and_names_the_option() {
    for address in ["127.0.0.1", "10.0.0.7"] {
        let untouched = Road::of(unreached(&[address], Unreached::NotAllowed)).report();
        let finding = &untouched.findings[0];
        assert!(finding.message.ends_with(", so nothing was asked of it"), "{}", finding.message);
        assert!(finding.fix.contains("--allow-private"), "{}", finding.fix);
    }
    let mixed = Road::of(at(&[PUBLIC, "10.0.0.7"])).report();
    let message = "\"apps.example.com\" leads to public addresses and to 10.0.0.7 at once, and devices outside that network may try the wrong one";
    assert_eq!(mixed.findings[0].message, message);
}

#[test]
fn connections_that_are_not_made_are_told() {
    let no_route = || Unreached::NoRoute { reason: "network is unreachable".to_owned() };
    for (host, expected, why) in [
        (unreached(&[PUBLIC], Unreached::Refused), one("connection-refused", Error), "refused"),
        (unreached(&[PUBLIC], no_route()), one("connection-refused", Error), "no route"),
        (unreached(&[PUBLIC_IPV6], no_route()), one("connection-refused", Warning), "no route for IPv6"),
        (unreached(&[PUBLIC], silent(10)), one("connection-slow", Error), "silence"),
    ] {
        let mut road = Road::of(host);
        assert_eq!(road.findings(), expected, "{why}");
        road.may_be_private = true;
        assert_eq!(road.findings(), expected, "{why}, where private addresses may be");
    }
}

#[test]
fn connections_that_are_made_by_one_address_alone_are_told() {
    let refused = || Unreached::Refused;
    let no_route = || Unreached::NoRoute { reason: "network is unreachable".to_owned() };
    for (failed, expected) in [
        (vec![(ip(PUBLIC_IPV6), refused())], one("connection-refused", Warning)),
        (vec![(ip(PUBLIC_IPV6), no_route())], vec![]),
        (vec![(ip(PUBLIC_IPV6), Unreached::NotAllowed)], vec![]),
        (vec![(ip(PUBLIC_IPV6), silent(1))], one("connection-slow", Note)),
        (vec![(ip("93.184.215.15"), silent(1))], one("connection-slow", Warning)),
        (
            vec![(ip("93.184.215.15"), silent(1)), (ip(PUBLIC_IPV6), silent(1))],
            one("connection-slow", Warning),
        ),
    ] {
        let what = format!("{failed:?}");
        let road = Road::of(Host { connection: Ok(Connected { failed, ..connected() }), ..host() });
        assert_eq!(road.findings(), expected, "{what}");
    }
}

#[test]
fn three_seconds_are_no_slow_connection() {
    for (milliseconds, expected) in
        [(3000, vec![]), (3001, one("connection-slow", Warning)), (20_000, one("connection-slow", Warning))]
    {
        let connection = Ok(Connected { after: Duration::from_millis(milliseconds), ..connected() });
        assert_eq!(Road::of(Host { connection, ..host() }).findings(), expected, "{milliseconds}");
    }
}

/// The sound road, whose manifest is fetched so.
fn with_manifest(by_installer: Result<Answer, NoAnswer>, by_browser: Option<Answer>) -> Road<'static> {
    let mut road = Road::sound();
    let host = Arc::clone(&road.manifest.by_installer.hops[0].host);
    road.manifest.by_installer.hops[0].answer = by_installer;
    road.manifest.by_browser = by_browser.map(|answer| fetch(MANIFEST_URL, &host, answer));
    road
}

fn the_manifest() -> Answer {
    manifest(&Arc::new(host())).by_installer.answer().cloned().expect("it answers")
}

fn is_told(road: &Road<'_>) -> bool {
    road.findings().contains(&("blocked-for-installer".to_owned(), Error))
}

#[test]
fn a_filter_is_told_by_what_a_browser_gets() {
    let html = || answer(200, "text/html", b"<!DOCTYPE html><title>Wait</title>");
    let status = |status| answer(status, "text/plain", b"no");
    for (by_installer, by_browser, expected, why) in [
        (Ok(the_manifest()), None, false, "the manifest"),
        (Ok(status(403)), Some(the_manifest()), true, "403"),
        (Ok(html()), Some(the_manifest()), true, "a page"),
        (Err(NoAnswer::Dropped), Some(the_manifest()), true, "closed"),
        (Ok(status(403)), Some(status(403)), false, "403 for both"),
        (Ok(status(403)), Some(html()), false, "a page for browsers"),
        (Ok(status(404)), None, false, "no browser asked"),
        (Err(NoAnswer::NoConnection), Some(the_manifest()), false, "no connection"),
    ] {
        assert_eq!(is_told(&with_manifest(by_installer, by_browser)), expected, "{why}");
    }
}

#[test]
fn a_filter_is_told_by_its_marks() {
    let blocked = || answer(403, "text/html", b"<!DOCTYPE html><p>Denied");
    let says = |body: &str| answer(403, "text/html", format!("<html>{body}</html>").as_bytes());
    for (answer, filter) in [
        (with_header(blocked(), "cf-mitigated", "challenge"), Some("Cloudflare")),
        (says("<script>window._cf_chl_opt={}"), Some("Cloudflare")),
        (says("<script src=\"/cdn-cgi/challenge-platform/scripts/jsd/main.js\">"), None),
        (answer(403, "text/plain", b"error code: 1020"), Some("Cloudflare")),
        (with_header(answer(202, "text/html", b""), "x-amzn-waf-action", "challenge"), Some("AWS WAF")),
        (with_header(blocked(), "x-amzn-waf-action", "captcha"), Some("AWS WAF")),
        (says("Request unsuccessful. Incapsula incident ID: 7"), Some("Imperva")),
        (says("<script src=\"/_Incapsula_Resource?x\">"), None),
        (with_header(blocked(), "server", "AkamaiGHost"), Some("Akamai")),
        (with_header(answer(404, "text/html", b""), "server", "AkamaiGHost"), None),
        (with_header(answer(503, "text/html", b""), "server", "AkamaiGHost"), None),
        (with_header(blocked(), "server", "DataDome"), Some("DataDome")),
        (answer(404, "text/html", b"<html>px-captcha"), None),
        (says("<img src=\"/.within.website/x/cmd/anubis\">"), Some("Anubis")),
        (with_header(blocked(), "server", "cloudflare"), None),
        (with_header(blocked(), "x-datadome", "protected"), None),
        (blocked(), None),
        (with_header(the_manifest(), "server", "AkamaiGHost"), None),
    ] {
        let what = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body.bytes));
        let report = with_manifest(Ok(answer), None).report();
        let told = report.findings.iter().find(|finding| finding.name == "blocked-for-installer");
        assert_eq!(told.is_some(), filter.is_some(), "{what}");
        if let (Some(told), Some(filter)) = (told, filter) {
            assert!(told.message.contains(&format!("({filter})")), "{what}: {}", told.message);
            assert_eq!(told.evidence.len(), 2, "{what}");
        }
    }
}

#[test]
fn what_comes_of_a_filter_follows_from_it() {
    let page = b"<!DOCTYPE html><title>Just a moment...</title>";
    let challenge = with_header(answer(200, "text/html", page), "cf-mitigated", "challenge");
    let road = with_manifest(Ok(challenge), None);
    assert_eq!(road.first_cause().as_deref(), Some("blocked-for-installer"));
    let report = road.report();
    let others = report.findings.iter().filter(|finding| finding.code != "NET006");
    let follow: Vec<_> = others.map(|finding| (&*finding.name, finding.follows_from.as_deref())).collect();
    assert!(follow.contains(&("manifest-is-html", Some("NET006"))), "{follow:?}");
}

#[test]
fn the_package_is_looked_at_where_it_is_fetched() {
    let mut road = Road::sound();
    let refused = answer(403, "text/html", b"<html>px-captcha</html>");
    road.package.get.by_installer.hops[0].answer = Ok(refused);
    let report = road.report();
    let told = report.findings.iter().find(|finding| finding.name == "blocked-for-installer");
    assert_eq!(told.map(|finding| finding.station), Some(Station::PackageFetch));
    assert_eq!(report.first_cause().map(|finding| &*finding.name), Some("blocked-for-installer"));
}

#[test]
fn each_host_is_told_once_where_it_is_met() {
    let mut gone = unreached(&[PUBLIC], Unreached::Refused);
    gone.name = "cdn.example.com".to_owned();
    let gone = Arc::new(gone);
    let mut road = Road::sound();
    let package = &mut road.package;
    for fetch in [&mut package.head, &mut package.get.by_installer] {
        fetch.hops[0].host = Arc::clone(&gone);
        fetch.hops[0].answer = Err(NoAnswer::NoConnection);
    }
    package.range = None;
    let report = road.report();
    let found: Vec<_> =
        report.findings.iter().map(|one| (&*one.name, one.station, one.host.as_deref())).collect();
    assert_eq!(found, [("connection-refused", Station::PackageFetch, Some("cdn.example.com"))]);
}

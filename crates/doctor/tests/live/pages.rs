//! PAG: the page that somebody opens.

use std::sync::Arc;
use std::time::Duration;

use doctor::Severity::{Error, Note, Warning};
use doctor::{Answer, BodyEnd, Hop, NoAnswer, PageLink, RedirectStopped, Severity, Station, Verdict};
use itms_services::LinkPlace;

use crate::facts::{PAGE_URL, Road, answer, host, with_header};

const HTML: &str = "text/html; charset=utf-8";

/// What is found where the page answers so.
fn found(answer: Result<Answer, NoAnswer>, link: PageLink<'_>) -> Vec<(String, Severity)> {
    let mut road = Road::sound();
    road.page.hops[0].answer = answer;
    road.page_link = link;
    road.findings()
}

fn one(name: &str, severity: Severity) -> Vec<(String, Severity)> {
    vec![(name.to_owned(), severity)]
}

fn none(unread_scripts: usize) -> PageLink<'static> {
    PageLink::None { unread_scripts }
}

fn stands(place: &LinkPlace) -> PageLink<'_> {
    PageLink::Found { place, line: 3, frame: None }
}

#[test]
fn what_the_page_answers_is_judged() {
    let anchor = LinkPlace::Anchor;
    let sign_in = b"<form><input name=\"a\"><INPUT class=x TYPE='password'></form>";
    let status = |status| Ok(answer(status, HTML, b"<p>Sorry"));
    let silent = NoAnswer::Silent { after: Duration::from_secs(30) };
    let no_http = NoAnswer::NotHttp { reason: "it is SMTP".to_owned() };
    for (answer, link, expected, why) in [
        (status(200), stands(&anchor), vec![], "the page"),
        (status(204), none(0), one("no-install-link", Error), "an empty page"),
        (status(404), none(0), one("page-status", Error), "no such page"),
        (status(403), none(4), one("page-status", Error), "forbidden, with scripts"),
        (status(500), none(0), one("page-status", Error), "a failure"),
        (status(429), none(0), one("page-status", Error), "too many requests"),
        (status(404), stands(&anchor), one("page-status", Warning), "a link on a page for what is missing"),
        (status(401), none(0), one("page-status", Warning), "a dialog for name and password"),
        (status(407), none(0), one("page-status", Warning), "a proxy's dialog"),
        (Ok(answer(200, HTML, sign_in)), none(2), one("page-status", Warning), "a page to sign in"),
        (Ok(answer(200, HTML, sign_in)), stands(&anchor), vec![], "a page with link and login"),
        (Err(NoAnswer::Dropped), none(0), one("page-status", Error), "closed"),
        (Err(silent), none(0), one("page-status", Error), "no answer"),
        (Err(no_http), none(0), one("page-status", Error), "no HTTP"),
    ] {
        assert_eq!(found(answer, link), expected, "{why}");
    }
}

#[test]
fn a_login_before_the_page_leaves_it_open_whether_the_app_installs() {
    let mut road = Road::sound();
    road.page.hops[0].answer = Ok(answer(401, HTML, b""));
    road.page_link = none(0);
    let finding = road.report().findings.remove(0);
    assert_eq!(finding.message, "the page's address answers 401 Unauthorized: it wants a login");
    assert!(finding.fix.contains("airstair doctor"), "{}", finding.fix);
    assert_ne!(road.report().verdict, Verdict::Fails);
}

#[test]
fn redirects_that_lead_nowhere_are_told() {
    let elsewhere =
        |location: Option<&str>| RedirectStopped::Elsewhere { location: location.map(str::to_owned) };
    for (stopped, expected) in [
        (RedirectStopped::Ring, "the page's address redirects in a ring: it leads back to where it was"),
        (RedirectStopped::TooMany, "the page's address redirects 1 times and more, and leads to no end"),
        (elsewhere(None), "the page's address redirects, and does not say where to: there is no `Location`"),
        (
            elsewhere(Some("ftp://h.example")),
            "the page's address redirects to \"ftp://h.example\", which is no web address",
        ),
    ] {
        let mut road = Road::sound();
        road.page.hops[0].answer = Ok(answer(302, HTML, b""));
        road.page.stopped = Some(stopped);
        road.page_link = none(0);
        let report = road.report();
        let found: Vec<_> = report.findings.iter().map(|one| (&*one.name, &*one.message)).collect();
        assert_eq!(found, [("page-status", expected)]);
    }
}

#[test]
fn the_link_is_told_by_where_it_stands() {
    let attribute = |element: &str, attribute: &str| LinkPlace::Attribute {
        element: element.to_owned(),
        attribute: attribute.to_owned(),
    };
    for (place, expected, message) in [
        (LinkPlace::Anchor, vec![], ""),
        (
            attribute("button", "data-href"),
            one("link-not-an-anchor", Warning),
            "the install link stands in the attribute \"data-href\" of a \"button\"",
        ),
        (
            attribute("META", "content"),
            one("link-not-an-anchor", Warning),
            "the install link stands in a <meta> that sends the browser on without a tap",
        ),
        (
            LinkPlace::PageText,
            one("link-not-an-anchor", Warning),
            "the install link stands in text, where it can be read and not tapped",
        ),
        (
            LinkPlace::Json,
            one("link-not-an-anchor", Warning),
            "the install link stands in JSON, which a browser shows as text",
        ),
        (LinkPlace::Script, one("link-behind-script", Warning), "the install link stands in a script"),
        (LinkPlace::Comment, one("no-install-link", Error), "its only install link stands in a comment"),
    ] {
        let mut road = Road::sound();
        road.page_link = stands(&place);
        let report = road.report();
        let said = report.findings.first().map_or("", |finding| &finding.message);
        assert_eq!((road.findings(), said), (expected, message), "{place:?}");
    }
}

#[test]
fn links_that_are_not_on_the_page_itself_are_told() {
    let anchor = LinkPlace::Anchor;
    let framed =
        PageLink::Found { place: &anchor, line: 3, frame: Some("https://h.example/in?token=secret") };
    let html = || Ok(answer(200, HTML, b"<p>"));
    assert_eq!(found(html(), framed), one("page-opens-in-frame", Warning));
    assert_eq!(found(html(), PageLink::Partial), one("link-behind-script", Warning));

    let mut road = Road::sound();
    road.page_link = framed;
    let said = format!("{:?}", road.report().findings);
    assert!(said.contains("https://h.example/in") && !said.contains("secret"), "{said}");

    let redirect = Ok(answer(302, HTML, b""));
    assert_eq!(found(redirect, PageLink::Redirect), one("link-not-an-anchor", Note));
}

#[test]
fn a_page_without_a_link_is_an_error_unless_scripts_were_not_read() {
    let html = || answer(200, HTML, b"<p>Beta");
    let mut cut = html();
    cut.body.end = BodyEnd::CutOff;
    for (answer, unread_scripts, expected, message) in [
        (html(), 0, Error, "the page has no install link"),
        (html(), 1, Warning, "the page has no install link outside its script, which was not read"),
        (html(), 7, Warning, "the page has no install link outside its 7 scripts, which were not read"),
        (cut, 0, Error, "the page broke off, and what came of it has no install link"),
    ] {
        let mut road = Road::sound();
        road.page.hops[0].answer = Ok(answer);
        road.page_link = none(unread_scripts);
        let finding = road.report().findings.remove(0);
        assert_eq!(
            (&*finding.name, finding.severity, &*finding.message),
            ("no-install-link", expected, message)
        );
        assert_eq!(finding.fix.contains("--follow-page-scripts"), unread_scripts > 0);
    }
    let pdf = with_header(html(), "content-type", "application/pdf");
    let mut road = Road::sound();
    road.page.hops[0].answer = Ok(pdf);
    road.page_link = none(0);
    let seen: Vec<_> = road.report().findings[0].evidence.iter().filter_map(|one| one.seen.clone()).collect();
    assert_eq!(seen, ["application/pdf"]);
}

#[test]
fn only_a_page_that_ends_at_http_is_told() {
    let http = PAGE_URL.replace("https:", "HTTP:");
    for (urls, expected) in [
        (vec![PAGE_URL], None),
        (vec![&http, PAGE_URL], None),
        (vec![&http], Some("the page comes by http, so that anybody on the way can change its link")),
        (vec![PAGE_URL, &http], Some("the page's https address leads back to http")),
    ] {
        let mut road = Road::sound();
        let last = road.page.hops.remove(0);
        road.page.hops = urls.iter().map(|url| Hop { url: (*url).to_owned(), ..last.clone() }).collect();
        let report = road.report();
        let found: Vec<_> = report.findings.iter().map(|one| (&*one.name, &*one.message)).collect();
        let expected: Vec<_> = expected.map(|message| ("page-not-https", message)).into_iter().collect();
        assert_eq!(found, expected, "{urls:?}");
    }
}

#[test]
fn what_hides_the_page_hides_its_rules() {
    let mut road = Road::sound();
    let mut gone = host();
    gone.name = "pages.example.com".to_owned();
    gone.connection = Err(doctor::Unreached::Refused);
    gone.tls = ipa::Fact::NotMeasured("nothing took the connection".to_owned());
    road.page.hops[0].host = Arc::new(gone);
    road.page.hops[0].answer = Err(NoAnswer::NoConnection);
    road.page_link = none(0);
    let report = road.report();
    assert_eq!(road.findings(), one("connection-refused", Error));
    assert_eq!(report.fails_at, Some(Station::Page));
    assert_eq!(report.findings[0].host.as_deref(), Some("pages.example.com"));
}

//! How the icons that a manifest names are fetched, and what came.

use std::sync::Arc;
use std::time::Duration;

use doctor::{
    Anchor, Answer, BodyEnd, Fetch, Host, Icon, NoAnswer, RedirectStopped, Severity, Tls, Unreached,
};
use ipa::Fact;
use itms_services::AssetKind;

use crate::facts::{Road, ServerPki, answer, fetch, host, tls, with_header};
use crate::fetches::{finding, redirected, stopped, unanswered};

const ICON: &str = "https://apps.example.com/icon57.png";

/// The beginning of a PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &size, b"\x08\x06\0\0\0\xd4\x19\xce\xf3"].concat()
}

fn icon(fetch: Fetch) -> Icon {
    Icon { kind: AssetKind::DisplayImage, item: 0, fetch }
}

fn with_icons(icons: Vec<Icon>) -> Road<'static> {
    Road { icons, ..Road::sound() }
}

fn answering(answer: Answer) -> Road<'static> {
    with_icons(vec![icon(fetch(ICON, &Arc::new(host()), answer))])
}

fn fetched(fetch: Fetch) -> Road<'static> {
    with_icons(vec![icon(fetch)])
}

fn warning(name: &str) -> Vec<(String, Severity)> {
    vec![(name.to_owned(), Severity::Warning)]
}

#[test]
fn an_icon_that_comes_as_a_png_or_a_jpeg_is_sound() {
    let apples =
        [b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBI\x50\0\x20\x02\x2b\xd5\xb3\x7f", &png(60, 60)[8..]].concat();
    for (what, body) in [
        ("57 pixels", png(57, 57)),
        ("any size", png(1024, 1024)),
        ("Apple's own", apples),
        ("a JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec()),
    ] {
        assert_eq!(answering(answer(200, "image/png", &body)).findings(), vec![], "{what}");
    }
    assert_eq!(with_icons(Vec::new()).findings(), vec![], "no icon");
}

#[test]
fn an_icon_that_does_not_come_is_a_warning_that_says_why() {
    let moved =
        redirected(&[ICON, "http://apps.example.com/icon57.png"], answer(200, "image/png", &png(57, 57)));
    let silent = NoAnswer::Silent { after: Duration::from_secs(30) };
    let mut cut = answer(200, "image/png", &png(57, 57));
    cut.body.end = BodyEnd::CutOff;
    let cut = with_header(cut, "content-length", "2000");
    let basic = with_header(answer(401, "text/plain", b""), "www-authenticate", "Basic realm=\"x\"");
    let here = |answer| fetch(ICON, &Arc::new(host()), answer);
    for (fetch, message) in [
        (here(answer(404, "text/html", b"")), "the display-image's address answers 404 Not Found"),
        (here(basic), "it asks for a name and a password (Basic)"),
        (
            here(answer(200, "text/html", b"<!doctype html><input type=password>")),
            "the display-image's address answers with a page to sign in",
        ),
        (stopped(&[ICON], RedirectStopped::Ring), "redirects in a ring"),
        (moved, "plain http: http://apps.example.com/icon57.png"),
        (unanswered(ICON, NoAnswer::Dropped), "closes the connection instead of sending the display-image"),
        (unanswered(ICON, silent), "nothing came of the display-image within 30 s"),
        (here(cut), "the connection broke after 33 of the 2000 bytes of the display-image"),
    ] {
        let road = fetched(fetch);
        assert_eq!(road.findings(), warning("icon-unreachable"), "{message}");
        let finding = finding(&road, "icon-unreachable");
        assert!(finding.message.contains(message), "{message}: {}", finding.message);
    }
    let moved = redirected(&[ICON, "https://apps.example.com/x.png"], answer(200, "image/png", &png(57, 57)));
    assert_eq!(fetched(moved).findings(), vec![], "a redirect is followed");
}

#[test]
fn the_host_of_icons_alone_is_judged_with_them() {
    let url = "https://icons.example.net/icon57.png";
    let road = |connection| {
        let mut fetch = unanswered(url, NoAnswer::NoConnection);
        let host = Host { connection: Err(connection), ..(*fetch.hops[0].host).clone() };
        fetch.hops[0].host = Arc::new(host);
        fetched(fetch)
    };
    let gone = road(Unreached::Refused);
    assert_eq!(gone.findings(), warning("icon-unreachable"));
    let finding = finding(&gone, "icon-unreachable");
    assert!(finding.message.contains("icons.example.net"), "{}", finding.message);
    assert_eq!(finding.host.as_deref(), Some("icons.example.net"));

    let not_allowed = road(Unreached::NotAllowed).report();
    assert!(not_allowed.findings.is_empty(), "{:?}", not_allowed.findings);
    let reason = not_allowed.skipped.iter().find(|skipped| skipped.name == "icon-unreachable");
    assert!(
        reason.is_some_and(|skipped| skipped.reason.contains("--allow-private")),
        "{:?}",
        not_allowed.skipped
    );
}

#[test]
fn what_keeps_a_device_from_trusting_the_host_of_icons_is_told_with_them() {
    let url = "https://icons.example.net/icon57.png";
    let road = |tls: Tls| {
        let host = Host { name: "icons.example.net".to_owned(), tls: Fact::Known(Ok(tls)), ..host() };
        fetched(fetch(url, &Arc::new(host), answer(200, "image/png", &png(57, 57))))
    };
    let of_another = road(ServerPki::sound().tls());
    assert_eq!(of_another.findings(), warning("icon-unreachable"));
    let message = finding(&of_another, "icon-unreachable").message;
    let expected = "the display-image can't be fetched from icons.example.net: the certificate is not for";
    assert!(message.starts_with(expected), "{message}");

    let pki = ServerPki::with_leaf(|_| ServerPki::server("icons.example.net"));
    assert_eq!(road(pki.tls()).findings(), vec![], "a host that devices trust");
    let below_a_root_of_ones_own = tls(&[&pki.leaf, &pki.intermediate], &[&pki.root], Anchor::Given);
    assert_eq!(
        road(below_a_root_of_ones_own).findings(),
        vec![],
        "and one that this device was told to trust"
    );
}

#[test]
fn the_host_of_the_road_is_not_judged_with_icons_again() {
    let road = fetched(unanswered(ICON, NoAnswer::NoConnection));
    assert_eq!(road.findings(), vec![]);
}

#[test]
fn an_icon_that_is_something_else_is_named() {
    for (content_type, body, expected) in [
        ("text/html", &b"<!doctype html><title>Notes for teams</title>"[..], "an HTML page"),
        (
            "image/svg+xml",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "an SVG drawing",
        ),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP image"),
        ("image/gif", b"GIF89a\x01\0\x01\0", "a GIF"),
        ("image/avif", b"\0\0\0\x1cftypavif", "a HEIF or AVIF image"),
        ("image/x-icon", b"\0\0\x01\0\x01\0", "an icon for web pages (.ico)"),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIH", "the beginning of one"),
        ("image/png", b"", "an empty file"),
        ("text/plain", b"not here", "text"),
    ] {
        let road = answering(answer(200, content_type, body));
        assert_eq!(road.findings(), warning("icon-not-an-image"), "{expected}");
        let message = finding(&road, "icon-not-an-image").message;
        assert_eq!(message, format!("the display-image is no PNG but {expected}"));
    }
}

#[test]
fn an_icon_that_is_not_square_is_a_note() {
    for (width, height) in [(57, 56), (512, 513), (1, 57)] {
        let road = answering(answer(200, "image/png", &png(width, height)));
        assert_eq!(road.findings(), vec![("icon-not-an-image".to_owned(), Severity::Note)]);
        let message = finding(&road, "icon-not-an-image").message;
        assert_eq!(
            message,
            format!("the display-image is {width} pixels wide and {height} high, not square")
        );
    }
}

#[test]
fn each_icon_is_judged_by_itself() {
    let here = |answer| icon(fetch(ICON, &Arc::new(host()), answer));
    let road = with_icons(vec![
        here(answer(404, "text/html", b"")),
        here(answer(200, "text/plain", b"not here")),
        here(answer(200, "image/png", &png(57, 57))),
    ]);
    let names: Vec<String> = road.findings().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["icon-unreachable", "icon-not-an-image"]);
}

//! The pages in real browsers: what a person sees, and what a tap on Install hands on to the phone.

use std::time::{Duration, SystemTime};

use e2e::{Browser, BrowserError, Download, Engine, Protocol, Scheme, Scripts, View};
use serde_json::Value;
use time::UtcDateTime;

use crate::bench::{Acknowledged, Bench, package};
use crate::camera;

const IPHONE: View = View::iphone(Scheme::Light);
const IPHONE_DARK: View = View::iphone(Scheme::Dark);
const DESKTOP: View = View::desktop(Scheme::Light);
const DESKTOP_DARK: View = View::desktop(Scheme::Dark);

const HARD_NAME: &str = "R&D <β> \"应用\" 🚀";
const LONG_NAME: &str = "Donaudampfschifffahrtsgesellschaftskapitänsmützenknopfpoliermaschinenverordnung";
const WIDE_NOTES: &str = "A table | with | many | columns | that | go | on | and | on | and | on
--- | --- | --- | --- | --- | --- | --- | --- | --- | --- | ---
one | two | three | four | five | six | seven | eight | nine | ten | eleven

    a line of code that nobody broke, since code is not to be broken, and that is far wider than any phone

https://example.com/a/very/long/address/without/any/place/to/break/it/0123456789012345678901234567890123456789";

/// Opens a browser; `None`, said loudly, where this machine has none of that make.
async fn open(engine: Engine, view: &View, bench: &Bench) -> Option<Browser> {
    let opened = Browser::open(engine, view, &bench.folder).await;
    if let Err(BrowserError::Absent(program)) = &opened {
        eprintln!("SKIPPED: there is no {program} on PATH, so nothing was tried in {engine:?}");
        return None;
    }
    Some(opened.expect("a browser that opens"))
}

async fn a_tap_hands_on_the_link_that_a_device_reads(engine: Engine) {
    let bench = Bench::start();
    let device = bench.device(Protocol::Http2);
    let plain = bench.publish(&package(1, 200_000).build());
    let hard_package = package(2, 1_000).display_name(HARD_NAME).build();
    let hard = bench.publish_on("nightly", &hard_package, &["--slug", "r-and-d"]);
    assert_eq!(hard.page_url, format!("{}/i/r-and-d", bench.folder.public_url()));
    for (view, published, name, version) in [
        (IPHONE, &plain, "Notes", "Version 1.2.3 (1)"),
        (IPHONE, &hard, HARD_NAME, "Version 1.2.3 (2)"),
        (IPHONE_DARK, &hard, HARD_NAME, "Version 1.2.3 (2)"),
        (DESKTOP, &plain, "Notes", "Version 1.2.3 (1)"),
        (DESKTOP_DARK, &hard, HARD_NAME, "Version 1.2.3 (2)"),
        (IPHONE.without_scripts(), &hard, HARD_NAME, "Version 1.2.3 (2)"),
    ] {
        let Some(mut browser) = open(engine, &view, &bench).await else { return };
        browser.go_to(&published.page_url).await.expect("a page");
        for (css, expected) in [("h1", name), (".version", version), ("a.install", "Install")] {
            let seen = browser.text(css).await.expect("a page");
            assert_eq!(seen.as_deref(), Some(expected), "{css} in {view:?}");
        }
        assert_made_of_our_own(&mut browser, &bench, &view).await;

        let page = browser.page().await.expect("a page a device would have");
        let link = browser.hand_on("a.install", "itms-services").await.expect("a tap that leads on");
        assert_eq!(Some(&*link), page.install_link(), "{view:?}");
        browser.close().await.expect("a browser that ends");
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert_eq!((&*installed.title, &installed.sha256), (name, &published.sha256));
    }
    bench.end();
}

/// The page is complete, in the colours that were asked for, from this server alone, and nothing was refused.
async fn assert_made_of_our_own(browser: &mut Browser, bench: &Bench, view: &View) {
    let seen = browser.evaluate("return getComputedStyle(document.body).backgroundColor").await;
    let ground = match view.scheme {
        Scheme::Light => "rgb(242, 243, 245)",
        Scheme::Dark => "rgb(13, 15, 18)",
    };
    assert_eq!(seen.expect("a colour"), ground, "{view:?}");
    let icon = browser.evaluate("return document.querySelector('img.icon').naturalWidth").await;
    assert!(icon.expect("a width").as_u64() > Some(0), "{view:?}: the icon is not drawn");

    let requests = browser.requests().await.expect("what was asked for");
    let ours = format!("{}/", bench.folder.public_url());
    assert!(requests.iter().all(|url| url.starts_with(&ours)), "{view:?}: {requests:?}");
    for part in [".css", "/icon.png"] {
        assert!(requests.iter().any(|url| url.ends_with(part)), "{view:?}: no {part} in {requests:?}");
    }
    let complaints = browser.complaints().await.expect("a console");
    assert_eq!(complaints.unwrap_or_default(), Vec::<String>::new(), "{view:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_a_tap_hands_on_the_link_that_a_device_reads() {
    a_tap_hands_on_the_link_that_a_device_reads(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_a_tap_hands_on_the_link_that_a_device_reads() {
    a_tap_hands_on_the_link_that_a_device_reads(Engine::Chromium).await;
}

/// Every kind of page there is, by address and heading, with the worst in it that can be.
fn every_page(bench: &Bench) -> Vec<(String, String)> {
    let url = bench.folder.public_url();
    let long = package(1, 1_000).display_name(LONG_NAME).build();
    bench.publish_on("long", &package(2, 1_000).build(), &["--slug", "long", "--branch", &"x".repeat(90)]);
    bench.publish_on("long", &long, &["--notes", WIDE_NOTES]);
    let yesterday = UtcDateTime::from(SystemTime::now()) - Duration::from_hours(24);
    let expired = package(3, 1_000).expires_at(yesterday).build();
    bench.publish_on("old", &expired, &["--slug", "old", "--allow-findings"]);
    for name in ["empty", "closed"] {
        let words = ["channel", "create", "--app", "com.example.notes", "--name", name, "--slug", name];
        bench.folder.admin(&words).fine().expect("a channel");
    }
    bench.folder.admin(&["channel", "delete", "closed"]).fine().expect("a channel to close");
    let page = |path: &str, heading: &str| (format!("{url}{path}"), heading.to_owned());
    vec![
        page("/i/long", LONG_NAME),
        page("/i/old", "Notes"),
        page("/i/empty", "Nothing to install yet"),
        page("/i/closed", "This page is closed"),
        page("/i/nobody-knows", "This link leads nowhere"),
        page("/", "Apps are installed from here"),
        page("/help", "What keeps an app from being installed"),
        page("/help/LNK004", "LNK004 double-escaped-ampersand"),
        page("/help/nobody-knows", "There is no such page"),
        (url.replacen("https", "http", 1), "Trust this server".to_owned()),
    ]
}

async fn every_page_fits_any_width(engine: Engine) {
    let bench = Bench::start();
    let pages = every_page(&bench);
    for view in [IPHONE, DESKTOP_DARK] {
        let Some(mut browser) = open(engine, &view, &bench).await else { return };
        for (url, heading) in &pages {
            browser.go_to(url).await.expect("a page");
            assert_eq!(browser.text("h1").await.expect("a heading").as_ref(), Some(heading), "{url}");
            assert_readable(&browser, url).await;
            for width in [320, 390, 768, 1280] {
                browser.resize(width, 900).await.expect("another width");
                let needed = browser.evaluate("return document.documentElement.scrollWidth").await;
                let needed = needed.expect("a width").as_u64().expect("a number");
                assert!(needed <= u64::from(width), "{url} is {needed} pixels wide in a window of {width}");
            }
        }
        browser.close().await.expect("a browser that ends");
    }
    bench.end();
}

/// Every text stands out from its ground by 4.5 to 1 at least (WCAG 2.2, success criterion 1.4.3).
async fn assert_readable(browser: &Browser, url: &str) {
    const FAINT: &str = r"
        const numbers = colour => colour.match(/[\d.]+/g).map(Number);
        const light = colour => {
          const [r, g, b] = numbers(colour).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
          return .2126 * r + .7152 * g + .0722 * b;
        };
        const ground = e => {
          for (; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if (numbers(colour)[3] !== 0) return colour;
          }
          return 'rgb(255, 255, 255)';
        };
        const said = e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim() !== '');
        const texts = [...document.body.querySelectorAll('*')].filter(e => said(e) && e.getClientRects().length > 0);
        if (texts.length < 2) return ['only ' + texts.length + ' texts'];
        return texts.flatMap(e => {
          const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((a, b) => b - a);
          const contrast = (a + .05) / (b + .05);
          return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${e.tagName} ${e.textContent.trim().slice(0, 40)}`] : [];
        });";
    let faint = browser.evaluate(FAINT).await.expect("a list");
    assert_eq!(faint, Value::Array(Vec::new()), "{url}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_every_page_fits_any_width() {
    every_page_fits_any_width(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_every_page_fits_any_width() {
    every_page_fits_any_width(Engine::Chromium).await;
}

async fn the_code_on_a_desktop_leads_a_camera_to_the_page(engine: Engine) {
    let bench = Bench::start();
    let Acknowledged { page_url, .. } = bench.publish(&package(1, 1_000).build());
    let trust_url = bench.folder.public_url().replacen("https", "http", 1);
    for view in [DESKTOP, DESKTOP_DARK] {
        let Some(mut browser) = open(engine, &view, &bench).await else { return };
        for (url, leads_to) in
            [(&page_url, &page_url), (&trust_url, &format!("{}/", bench.folder.public_url()))]
        {
            browser.go_to(url).await.expect("a page");
            let picture = browser.picture().await.expect("a picture");
            assert_eq!(&camera::read_picture(&picture), leads_to, "{view:?}");
        }
        browser.resize(IPHONE.width, IPHONE.height).await.expect("another width");
        assert_eq!(
            browser.text(".camera").await.expect("a page"),
            None,
            "a phone needs no code of its own page"
        );
        browser.close().await.expect("a browser that ends");
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_the_code_on_a_desktop_leads_a_camera_to_the_page() {
    the_code_on_a_desktop_leads_a_camera_to_the_page(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_the_code_on_a_desktop_leads_a_camera_to_the_page() {
    the_code_on_a_desktop_leads_a_camera_to_the_page(Engine::Chromium).await;
}

async fn whoever_trusts_the_authority_goes_on_over_tls(engine: Engine) {
    let bench = Bench::start();
    let Some(mut browser) = open(engine, &IPHONE, &bench).await else { return };
    let plain = format!("http://localhost:{}/", bench.folder.port());
    browser.go_to(&plain).await.expect("the page about trust");
    let requests = browser.requests().await.expect("what was asked for");
    assert!(requests.iter().all(|url| url.starts_with(&plain)), "{requests:?}");
    assert_eq!(browser.complaints().await.expect("a console").unwrap_or_default(), Vec::<String>::new());
    let fingerprint = browser.text(".fingerprint").await.expect("a page").expect("a fingerprint");
    browser.click(".road li:last-child a").await.expect("a link to go on by");
    browser.wait_for_text("h1", "Apps are installed from here").await.expect("a page over TLS");
    browser.close().await.expect("a browser that ends");
    let ended = bench.server.stop();
    assert!(ended.stderr.contains(&fingerprint), "{fingerprint} is not in the server's words: {ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_whoever_trusts_the_authority_goes_on_over_tls() {
    whoever_trusts_the_authority_goes_on_over_tls(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_whoever_trusts_the_authority_goes_on_over_tls() {
    whoever_trusts_the_authority_goes_on_over_tls(Engine::Chromium).await;
}

/// Whatever found its way into a page: it does not run, and asks nobody.
async fn what_does_not_belong_in_a_page_is_stopped(engine: Engine) {
    const INTRUDER: &str = "
        document.title = 'as it was';
        const script = document.createElement('script');
        script.textContent = 'document.title = \"taken over\"';
        document.body.append(script);
        return document.title";
    let bench = Bench::start();
    let published = bench.publish(&package(1, 1_000).build());
    let Some(mut browser) = open(engine, &IPHONE, &bench).await else { return };
    browser.go_to(&published.page_url).await.expect("a page");
    assert_eq!(browser.evaluate(INTRUDER).await.expect("a title"), "as it was");
    if let Some(complaints) = browser.complaints().await.expect("a console") {
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].contains("Content Security Policy"), "{complaints:?}");
    }
    // The same where nothing is forbidden, so that the above means something.
    browser.go_to(&format!("{}/healthz", bench.folder.public_url())).await.expect("a page");
    assert_eq!(browser.evaluate(INTRUDER).await.expect("a title"), "taken over");
    browser.close().await.expect("a browser that ends");

    let view = IPHONE.without_scripts();
    assert_eq!(view.scripts, Scripts::Off);
    let Some(mut browser) = open(engine, &view, &bench).await else { return };
    browser
        .go_to("data:text/html,<title>off</title><script>document.title = 'on'</script>")
        .await
        .expect("a page");
    assert_eq!(browser.evaluate("return document.title").await.expect("a title"), "off");
    browser.close().await.expect("a browser that ends");
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_what_does_not_belong_in_a_page_is_stopped() {
    what_does_not_belong_in_a_page_is_stopped(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_what_does_not_belong_in_a_page_is_stopped() {
    what_does_not_belong_in_a_page_is_stopped(Engine::Chromium).await;
}

//! Links are found wherever people have them, and read as the device behind that place gets them.

use itms_services::{FoundLink, LinkFault, LinkPlace, SearchError, SearchLimits, find_links};
use proptest::prelude::*;

const GOOD: &str = "itms-services://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm.plist";

fn links(text: &str) -> Vec<FoundLink> {
    find_links(text.as_bytes(), &SearchLimits::default()).map_or(Vec::new(), |found| found.links)
}

fn faults(link: &FoundLink) -> Vec<&'static str> {
    link.reading.faults().iter().map(LinkFault::name).collect()
}

fn attribute(element: &str, attribute: &str) -> LinkPlace {
    LinkPlace::Attribute { element: element.to_owned(), attribute: attribute.to_owned() }
}

#[test]
fn a_good_link_is_good_wherever_it_stands() {
    let escaped = GOOD.replace('&', "&amp;");
    let slashes = GOOD.replace('/', "\\/").replace('&', "\\u0026");
    let numeric = GOOD.replace('&', "&#38;").replace(':', "&#x3a;");
    for (text, place) in [
        (GOOD.to_owned(), LinkPlace::Alone),
        (format!("\u{feff}\n  {GOOD}\r\n"), LinkPlace::Alone),
        (format!("<a class=x href=\"{escaped}\">Install</a>"), LinkPlace::Anchor),
        (format!("<A HREF='{GOOD}'>Install</A>"), LinkPlace::Anchor),
        (format!("<a href={GOOD}>Install</a>"), LinkPlace::Anchor),
        (format!("<p><a href=\"\n {numeric}\n\">Install</a>"), LinkPlace::Anchor),
        (format!("<map><area href=\"{escaped}\"></map><p>"), LinkPlace::Anchor),
        (format!("<button data-href=\"{escaped}\">Install</button>"), attribute("button", "data-href")),
        (format!("<div onclick=\"location.href='{escaped}'\">x</div>"), attribute("div", "onclick")),
        (format!("<meta http-equiv=refresh content=\"0;url={escaped}\">"), attribute("meta", "content")),
        (format!("<a href=\"javascript:location='{escaped}'\">x</a>"), attribute("a", "href")),
        (format!("<p>Copy {escaped}.</p>"), LinkPlace::PageText),
        (format!("<p><code>{escaped}</code> is it</p>"), LinkPlace::PageText),
        (format!("<p>see <{escaped}>, please</p>"), LinkPlace::PageText),
        (format!("<p><!-- {GOOD} --></p>"), LinkPlace::Comment),
        (format!("<noscript><a href=\"{escaped}\">x</a></noscript>"), LinkPlace::Anchor),
        (format!("<script>location.href = \"{GOOD}\";</script>"), LinkPlace::Script),
        (format!("<script>x = '{slashes}'</script>"), LinkPlace::Script),
        (format!("<script>x = '{}'</script>", GOOD.replace('&', "\\x26")), LinkPlace::Script),
        (format!("<script>x = '<a href=\"{escaped}\">y</a>'</script>"), LinkPlace::Script),
        (format!("<script>x = \"<a href=\\\"{escaped}\\\">y</a>\"</script>"), LinkPlace::Script),
        (format!("{{\"install\":\"{slashes}\"}}"), LinkPlace::Json),
        (format!("[{{\"a\": \"b\"}}, {{\"text\": \"get {GOOD}, now\"}}]"), LinkPlace::Json),
        (format!("{{\"html\":\"<a href=\\\"{escaped}\\\">x</a>\"}}"), LinkPlace::Anchor),
        (format!("[Install]({GOOD})"), LinkPlace::Markdown),
        (format!("# App\n[Install](<{escaped}>) it"), LinkPlace::Markdown),
        (format!("see [here].\n\n[here]: {escaped} \"Install\""), LinkPlace::Markdown),
        (format!("see <{GOOD}>, please"), LinkPlace::Text),
        (format!("(see {GOOD}), please"), LinkPlace::Text),
        (format!("url=\"{GOOD}\" status=200"), LinkPlace::Text),
        (format!("| Notes | {GOOD}|\n"), LinkPlace::Text),
        (format!("New: <{escaped}|Install>"), LinkPlace::Text),
        (format!("{{\"text\":\"New: <{}|Install>\"}}", escaped.replace('/', "\\/")), LinkPlace::Json),
        (format!("\x1b[32mInstall:\x1b[0m \x1b[4;36m{GOOD}\x1b[0m\n"), LinkPlace::Text),
        (format!("请在Safari中打开{GOOD}，然后安装。"), LinkPlace::Text),
        (format!("Is it {GOOD}… or not?"), LinkPlace::Text),
        (format!("Here: {GOOD}\u{200b}\n"), LinkPlace::Text),
        (format!("GET 200 {GOOD} 12ms List<String>"), LinkPlace::Text),
        (
            format!(
                "https://qr.example/?d={}&s=9",
                GOOD.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('&', "%26")
            ),
            LinkPlace::UrlParameter,
        ),
    ] {
        let found = links(&text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(found[0].reading.link(), GOOD, "{text}");
        assert_eq!(found[0].place, place, "{text}");
        assert!(found[0].is_whole, "{text}");
        let start = text.to_ascii_lowercase().find("itms").unwrap();
        let exact = !matches!(found[0].place, LinkPlace::Json) && !text.starts_with("{\"html");
        assert!(!exact || found[0].offset == start, "{text}: {} {start}", found[0].offset);
    }
}

#[test]
fn an_ampersand_escaped_outside_html_stays_a_fault() {
    let escaped = GOOD.replace('&', "&amp;");
    let twice = escaped.replace("&amp;", "&amp;amp;");
    for text in [
        escaped.clone(),
        format!("go to {escaped} now"),
        format!("{{\"install\":\"{escaped}\"}}"),
        format!("<script>location = '{escaped}'</script>"),
        format!("<a href=\"{twice}\">x</a>"),
        format!("[Install]({twice})"),
    ] {
        let found = links(&text);
        assert_eq!(faults(&found[0]), ["double-escaped-ampersand"], "{text}");
    }
}

#[test]
fn misspelt_schemes_are_found() {
    let tail = &GOOD["itms-services".len()..];
    for scheme in [
        "itms-service",
        "ITMS-SERVICES",
        "Itms-Services",
        "itmsservices",
        "itms_services",
        "itms-servces",
        "items-services",
        "itms",
        "itms-apps",
        "services",
    ] {
        for text in [
            format!("{scheme}{tail}"),
            format!("<a href=\"{scheme}{tail}\">x</a>"),
            format!("see {scheme}{tail}, please"),
            format!("[x]({scheme}{tail})"),
        ] {
            let found = links(&text);
            assert_eq!(found.len(), 1, "{text}");
            let expected = if scheme.eq_ignore_ascii_case("itms-services") {
                "scheme-not-lowercase"
            } else {
                "wrong-scheme"
            };
            assert_eq!(faults(&found[0])[..1], [expected], "{text}");
        }
    }
    for text in [
        "itms-services:?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm.plist",
        "itms-services:action=download-manifest&url=x",
        "?action=download-manifest&url=https%3A%2F%2Fh.example",
    ] {
        assert_eq!(faults(&links(&format!("see {text} there"))[0])[..1], ["wrong-scheme"], "{text}");
    }
}

#[test]
fn what_is_no_link_is_not_taken_for_one() {
    for text in [
        "",
        "nothing here",
        "the itms-services: scheme, itms-services:// and `itms-services://`",
        "itms-services-like, xitms-services://?action=a",
        "<a href=\"itms-apps://itunes.apple.com/app/id1\">in the store</a>",
        "<a href=\"https://apps.example/i/Ab3\">Install</a>",
        "POST /api?kind=download-manifest 200",
    ] {
        assert_eq!(find_links(text.as_bytes(), &SearchLimits::default()), Err(SearchError::NoLink), "{text}");
    }
    let error = find_links(b"x", &SearchLimits::default()).unwrap_err().to_string();
    assert!(error.contains("itms-services:") && error.contains("action=download-manifest"), "{error}");
}

#[test]
fn an_address_that_is_wrong_is_taken_whole() {
    // Spaces and all, since an attribute says where it ends.
    let found = links(
        "<a href=\"itms-services://?action=download-manifest&url=https://h.example/My App.plist\">x</a>",
    );
    assert_eq!(faults(&found[0]), ["manifest-url-invalid"]);
    let found = links("<a href=\"itms-services://\">x</a>");
    assert_eq!(faults(&found[0]), ["action-missing-or-wrong", "manifest-url-missing"]);
}

#[test]
fn what_a_script_or_a_template_completes_is_told() {
    for text in [
        "<script>location = 'itms-services://?action=download-manifest&url=' + url</script>",
        "<script>location = `itms-services://?action=download-manifest&url=${url}`</script>",
        "<a href=\"itms-services://?action=download-manifest&url={{ url }}\">x</a>",
        "<a href='itms-services://?action=download-manifest&url=<%= url %>'>x</a>",
        "<p>itms-services://?action=download-manifest&url={{url}}</p>",
        "itms-services://?action=download-manifest&url=$(URL)",
    ] {
        let found = links(text);
        assert!(found.len() == 1 && !found[0].is_whole, "{text}: {found:#?}");
    }
}

#[test]
fn all_are_found_with_lines_and_offsets() {
    let text = format!("one\n{GOOD}\n\nitms-service://?x and ITMS-SERVICES://?y\nitms-services-like\n");
    let found = links(&text);
    let places: Vec<_> = found.iter().map(|link| (link.line, &text[link.offset..][..6])).collect();
    assert_eq!(places, [(2, "itms-s"), (4, "itms-s"), (4, "ITMS-S")]);
    let page = format!("<p>é&eacute;\n<a\nhref=\"{GOOD}\">{GOOD}</a>\n<script>\nx=\"{GOOD}\"</script>");
    let lines: Vec<_> = links(&page).iter().map(|link| link.line).collect();
    assert_eq!(lines, [3, 3, 5]);
}

#[test]
fn mails_are_unwrapped() {
    let soft = GOOD.replace('=', "=3D").replace("download-", "down=\r\nload-");
    let base64 = "PGEgaHJlZj0iaXRtcy1zZXJ2aWNlczovLz9hY3Rpb249ZG93bmxvYWQtbWFuaWZlc3QmYW1wO3Vy\r\n\
                  bD1odHRwcyUzQSUyRiUyRmguZXhhbXBsZSUyRm0ucGxpc3QiPkluc3RhbGw8L2E+";
    let head = "From: a@example.com\r\nMIME-Version: 1.0\r\n";
    for (encoding, body) in [
        ("quoted-printable", format!("<html><a href=3D\"{soft}\">Install</a></html>")),
        ("7bit", format!("<html><a href=\"{GOOD}\">Install</a></html>")),
        ("base64", base64.to_owned()),
    ] {
        let mail = format!(
            "{head}Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
        );
        let found = links(&mail);
        assert_eq!(found.len(), 1, "{encoding}");
        assert_eq!((found[0].reading.link(), &found[0].place), (GOOD, &LinkPlace::Anchor), "{encoding}");
        assert_eq!(found[0].mail_part, Some(1), "{encoding}");
    }
    let parts = format!(
        "{head}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{GOOD}\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<a href=\"{GOOD}\">x</a>\r\n--b--\r\n"
    );
    let found = links(&parts);
    let places: Vec<_> = found.iter().map(|link| (link.mail_part, link.place.clone())).collect();
    assert_eq!(places, [(Some(1), LinkPlace::Alone), (Some(2), LinkPlace::Anchor)]);
    // A piece of the source that somebody copied without its headers.
    let found = links(&format!("Hello,\n\n{}\n", soft.replace('\r', "")));
    assert_eq!((found.len(), found[0].reading.link()), (1, GOOD));
}

#[test]
fn other_encodings_of_text_are_read() {
    let utf16: Vec<u8> = format!("\u{feff}<p>{GOOD}</p>").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = find_links(&utf16, &SearchLimits::default()).unwrap();
    assert_eq!(found.links[0].reading.link(), GOOD);
    let latin = [b"<p>caf\xe9 ", GOOD.as_bytes(), b"</p>"].concat();
    assert_eq!(find_links(&latin, &SearchLimits::default()).unwrap().links[0].reading.link(), GOOD);
}

#[test]
fn limits_are_kept() {
    let many = format!("{GOOD}\n").repeat(30);
    let limits = SearchLimits { links: 10, ..SearchLimits::default() };
    let found = find_links(many.as_bytes(), &limits).unwrap();
    assert_eq!((found.links.len(), found.is_cut), (10, true));
    let page = format!("<p>{many}</p>");
    assert_eq!(find_links(page.as_bytes(), &limits).unwrap().links.len(), 10);
    let limits = SearchLimits { bytes: 10, ..SearchLimits::default() };
    assert_eq!(
        find_links(many.as_bytes(), &limits),
        Err(SearchError::TooLong { found: many.len(), limit: 10 })
    );
    let long = format!("<a href=\"{GOOD}{}\">x</a>", "x".repeat(50_000));
    assert_eq!(links(&long)[0].reading.link().len(), 16 << 10);
}

#[test]
fn hostile_text_takes_no_longer_than_it_is_long() {
    let started = std::time::Instant::now();
    for (unit, count) in [
        ("itms", 100_000),
        ("itms-serv", 50_000),
        ("\"itms-services:\\", 30_000),
        ("action=download-manifest", 20_000),
        ("<a itms-services://?", 20_000),
        ("<", 300_000),
        ("[](", 100_000),
        ("{\"", 100_000),
        ("=3D", 100_000),
    ] {
        let lap = std::time::Instant::now();
        let _ = find_links(unit.repeat(count).as_bytes(), &SearchLimits::default());
        let _ = find_links(format!("<p>{}", unit.repeat(count)).as_bytes(), &SearchLimits::default());
        let _ = find_links(format!("<script>'{}", unit.repeat(count)).as_bytes(), &SearchLimits::default());
        println!("{unit:?}: {:?}", lap.elapsed());
    }
    // A debug build on a busy machine needs seconds; what is quadratic needs an hour.
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        parts in prop::collection::vec(
            "itms-services:|itms-services%3A|action=download-manifest|&url=|https://h|</?a |href=|<script>|<!--|\\]\\(|MIME-Version: 1.0\n|[<>\"'&\\\\/?=%{}()\\[\\]]|\\PC{0,4}|\n",
            0..30,
        )
    ) {
        let text = parts.concat();
        for link in links(&text) {
            prop_assert!(link.offset <= text.len() && link.line >= 1);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = find_links(&bytes, &SearchLimits::default());
    }

    #[test]
    fn a_link_made_here_is_found_in_any_prose(path in "[a-zA-Z0-9/._~-]{0,30}", before in "[a-z ,.\n]{0,20}", after in "[ \n][a-z ,.\n]{0,20}") {
        let link = itms_services::InstallLink::new(&format!("https://h.example/{path}x")).unwrap();
        let anchor = format!("<p>{before}<a href=\"{}\">x</a>{after}", link.to_html_attribute());
        for text in [format!("{before} {link}{after}"), anchor, format!("{before}[x]({}){after}", link.to_markdown_destination())] {
            let found = links(&text);
            prop_assert_eq!(found.len(), 1, "{}", text);
            prop_assert_eq!(found[0].reading.link(), link.as_str());
            prop_assert!(found[0].reading.faults().is_empty());
        }
    }
}

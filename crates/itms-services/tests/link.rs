//! Install links: what is built, what a device makes of any text, and how each fault is named.

use itms_services::{Error, InstallLink, LinkFault, LinkOutcome, LinkReading, Refusal, UrlProblem};
use proptest::prelude::*;

fn names(reading: &LinkReading) -> Vec<&'static str> {
    reading.faults().iter().map(LinkFault::name).collect()
}

/// A link with `url` pasted in as it stands.
fn pasted(url: &str) -> String {
    format!("itms-services://?action=download-manifest&url={url}")
}

#[test]
fn manifest_urls_are_encoded_exactly_once() {
    for (manifest_url, encoded) in [
        ("https://h.example/m/Ab3.plist", "https%3A%2F%2Fh.example%2Fm%2FAb3.plist"),
        ("https://h.example/m.plist?token=A&x=B", "https%3A%2F%2Fh.example%2Fm.plist%3Ftoken%3DA%26x%3DB"),
        ("https://h.example/m.plist?t=a+b", "https%3A%2F%2Fh.example%2Fm.plist%3Ft%3Da%2Bb"),
        ("https://h.example/My%20App.plist", "https%3A%2F%2Fh.example%2FMy%2520App.plist"),
        ("https://h.example/My App.plist", "https%3A%2F%2Fh.example%2FMy%2520App.plist"),
        ("https://h.example/%CE%B2.plist", "https%3A%2F%2Fh.example%2F%25CE%25B2.plist"),
        ("https://bücher.example/ü", "https%3A%2F%2Fxn--bcher-kva.example%2F%25C3%25BC"),
        ("https://h.example/a-b_c.d~e", "https%3A%2F%2Fh.example%2Fa-b_c.d~e"),
        ("https://h.example/a'b(c)*!", "https%3A%2F%2Fh.example%2Fa%27b%28c%29%2A%21"),
    ] {
        let link = InstallLink::new(manifest_url).unwrap();
        assert_eq!(link.as_str(), pasted(encoded), "{manifest_url}");
    }
}

#[test]
fn only_absolute_https_urls_make_a_link() {
    assert!(
        matches!(InstallLink::new("http://h.example/m"), Err(Error::UrlNotHttps { scheme }) if scheme == "http")
    );
    assert!(matches!(InstallLink::new("/m.plist"), Err(Error::UrlNotAbsolute { .. })));
    assert!(matches!(InstallLink::new("https:h.example/m"), Err(Error::UrlNotAbsolute { .. })));
    assert!(matches!(InstallLink::new("https://h example/m"), Err(Error::UrlInvalid { .. })));
}

#[test]
fn every_fault_of_the_table_is_named() {
    let ignored = LinkOutcome::Ignored;
    let fetched = |url: &str| LinkOutcome::Fetched { manifest_url: url.to_owned(), digest: None };
    for (link, outcome, expected, repaired) in [
        (
            "itms-services://?action=download-manifest&amp;url=https%3A%2F%2Fh.example%2Fm.plist".to_owned(),
            ignored.clone(),
            "double-escaped-ampersand",
            Some("https://h.example/m.plist"),
        ),
        (
            pasted("https://h/m.plist?a=1&b=2"),
            fetched("https://h/m.plist?a=1"),
            "manifest-url-not-encoded",
            Some("https://h/m.plist?a=1&b=2"),
        ),
        (
            pasted("https%253A%252F%252Fh.example%252Fm.plist"),
            ignored.clone(),
            "manifest-url-encoded-twice",
            Some("https://h.example/m.plist"),
        ),
        (
            pasted("http://h.example/m.plist"),
            LinkOutcome::Refused(Refusal::NotHttps),
            "manifest-url-not-https",
            Some("https://h.example/m.plist"),
        ),
        (pasted("/m.plist"), ignored.clone(), "manifest-url-not-absolute", None),
        (
            pasted(
                "itms-services%3A%2F%2F%3Faction%3Ddownload-manifest%26url%3Dhttps%253A%252F%252Fh.example%252Fm",
            ),
            LinkOutcome::Ignored,
            "link-inside-link",
            Some("https://h.example/m"),
        ),
        (
            "itms-services:?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm".to_owned(),
            LinkOutcome::NotOpened,
            "wrong-scheme",
            Some("https://h.example/m"),
        ),
        (
            "itms-service://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm".to_owned(),
            LinkOutcome::NotOpened,
            "wrong-scheme",
            Some("https://h.example/m"),
        ),
        (
            "ITMS-Services://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm".to_owned(),
            LinkOutcome::NotOpened,
            "scheme-not-lowercase",
            Some("https://h.example/m"),
        ),
    ] {
        let reading = InstallLink::parse(&link);
        assert_eq!(names(&reading), [expected], "{link}");
        assert_eq!(reading.outcome(), &outcome, "{link}");
        assert_eq!(reading.repaired().map(InstallLink::manifest_url), repaired, "{link}");
        if let Some(repaired) = reading.repaired() {
            assert_eq!(names(&InstallLink::parse(repaired.as_str())), [""; 0], "{link}");
        }
    }
}

#[test]
fn good_links_give_no_alarm() {
    let manifest = "https://h.example/m.plist";
    let encoded = "https%3A%2F%2Fh.example%2Fm.plist";
    for (link, why) in [
        (pasted(encoded), "as we build it"),
        (pasted(manifest), "unencoded, yet it arrives unchanged"),
        (pasted("https:%2F%2Fh.example/m.plist"), "encoded in part"),
        (pasted("https%3a%2f%2fh.example%2fm.plist"), "lower-case hexadecimal digits"),
        (format!("itms-services://?url={encoded}&action=download-manifest"), "another order"),
        (format!("itms-services://?url={manifest}&action=download-manifest"), "another order, unencoded"),
        (
            format!("itms-services://?v=2&action=download-manifest&x&url={encoded}&utm=mail"),
            "unknown parameters",
        ),
        (
            format!("{}&utm=mail", pasted(manifest)),
            "an unknown parameter behind an unencoded url without a query",
        ),
        (format!("{}#install", pasted(encoded)), "a fragment"),
        (format!("{}&", pasted(encoded)), "an empty parameter"),
        (format!("itms-services:///?action=download-manifest&url={encoded}"), "an empty path"),
        (format!("itms-services://?action=download%2Dmanifest&url={encoded}"), "an encoded action"),
        (format!("  {}\n", pasted(encoded)), "white space around it"),
    ] {
        let reading = InstallLink::parse(&link);
        assert_eq!(names(&reading), [""; 0], "{why}");
        assert_eq!(reading.manifest_url(), Some(manifest), "{why}");
        assert_eq!(reading.repaired(), None, "{why}");
    }
    for (link, arrives, why) in [
        (
            pasted("https://h.example/m.plist?v=1"),
            "https://h.example/m.plist?v=1",
            "one parameter, unencoded",
        ),
        (pasted("https://h.example/m.plist?v"), "https://h.example/m.plist?v", "a query without a value"),
        (
            pasted("https://h.example/m.plist?v=1%26w=2"),
            "https://h.example/m.plist?v=1&w=2",
            "only & encoded",
        ),
        (
            pasted("https://h.example/m.plist?t=a+b"),
            "https://h.example/m.plist?t=a+b",
            "a plus sign is left alone",
        ),
        (
            pasted("https%3A//h.example/a%252Fb"),
            "https://h.example/a%2Fb",
            "an encoded slash, encoded once more",
        ),
        (
            pasted("https://h.example/a%2520b"),
            "https://h.example/a%20b",
            "slashes left plain, as some encoders do",
        ),
        (pasted("https%3A%2F%2Fh.example%2Fa%5B1%5D"), "https://h.example/a[1]", "square brackets"),
        (pasted("https%3A%2F%2F192.168.1.10%3A8443%2Fm"), "https://192.168.1.10:8443/m", "a private address"),
        (
            pasted("https%3A%2F%2Fh.example%2Fm%23top"),
            "https://h.example/m#top",
            "a fragment of the manifest url",
        ),
        (
            pasted("https%3A%2F%2Fh.example%2F%3Fu%3Dhttps%253A%252F%252Fx%252F"),
            "https://h.example/?u=https%3A%2F%2Fx%2F",
            "a url within the manifest url",
        ),
        (
            pasted("https%3A%2F%2Fh.example%2F%3Fu%3Dhttps://x/%3Fa=1"),
            "https://h.example/?u=https://x/?a=1",
            "a url within the manifest url, encoded loosely",
        ),
    ] {
        let reading = InstallLink::parse(&link);
        assert_eq!(names(&reading), [""; 0], "{why}");
        assert_eq!(reading.manifest_url(), Some(arrives), "{why}");
    }
}

#[test]
fn a_digest_is_kept_and_is_no_fault() {
    let reading = InstallLink::parse(&format!("{}&digest=ab%3D", pasted("https%3A%2F%2Fh.example%2Fm")));
    assert_eq!(names(&reading), [""; 0]);
    let expected = LinkOutcome::Fetched {
        manifest_url: "https://h.example/m".to_owned(),
        digest: Some("ab=".to_owned()),
    };
    assert_eq!(reading.outcome(), &expected);
    let raw = InstallLink::parse(&format!("{}&digest=ab", pasted("https://h.example/m?v=1")));
    assert_eq!(names(&raw), [""; 0], "behind an unencoded query it may still be the link's own");
}

/// Each link has the one fault that stands beside it.
fn assert_faults(rows: &[(String, LinkFault, &str)]) {
    for (link, expected, why) in rows {
        assert_eq!(InstallLink::parse(link).faults(), std::slice::from_ref(expected), "{why}");
    }
}

/// Where the manifest URL stands in a pasted link.
const VALUE_AT: usize = "itms-services://?action=download-manifest&url=".len();

fn not_encoded(lost: &[&str], intended: &str) -> LinkFault {
    let lost = lost.iter().map(|&name| name.to_owned()).collect();
    LinkFault::ManifestUrlNotEncoded { at: VALUE_AT, lost, intended: intended.to_owned() }
}

fn invalid(problem: UrlProblem, intended: Option<&str>) -> LinkFault {
    LinkFault::ManifestUrlInvalid { at: VALUE_AT, problem, intended: intended.map(str::to_owned) }
}

fn illegal(character: char, offset: usize) -> UrlProblem {
    UrlProblem::IllegalCharacter { character, offset }
}

#[test]
fn faults_before_the_manifest_url_carry_their_evidence() {
    assert_faults(&[
        (
            "itms-services://?action=download-manifest&amp;amp;url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::DoubleEscapedAmpersand { at: 41, escape: "&amp;amp;".to_owned() },
            "escaped three times",
        ),
        (
            "itms-services://?action=download-manifest&#38;url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::DoubleEscapedAmpersand { at: 41, escape: "&#38;".to_owned() },
            "a numeric reference, though it starts with a number sign",
        ),
        (
            "itms-services://?action=download-manifest&#X26;url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::DoubleEscapedAmpersand { at: 41, escape: "&#X26;".to_owned() },
            "a hexadecimal one",
        ),
        (
            "itms-services://?action=download&url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::ActionMissingOrWrong { found: Some("download".to_owned()) },
            "another action",
        ),
        (
            "itms-services://?action=Download-Manifest&url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::ActionMissingOrWrong { found: Some("Download-Manifest".to_owned()) },
            "an action in capitals",
        ),
        (
            "itms-services://?url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::ActionMissingOrWrong { found: None },
            "no action",
        ),
        (
            "itms-services://action=download-manifest&url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::WrongScheme { found: "itms-services://".to_owned() },
            "no question mark",
        ),
        (
            "itms-services:/?action=download-manifest&url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::WrongScheme { found: "itms-services:/?".to_owned() },
            "one slash",
        ),
        (
            "?action=download-manifest&url=https%3A%2F%2Fh%2Fm".to_owned(),
            LinkFault::WrongScheme { found: "?".to_owned() },
            "no scheme",
        ),
        (
            "https://h.example/i/notes?url=http://x".to_owned(),
            LinkFault::WrongScheme { found: "https://h.example/i/notes?".to_owned() },
            "a page",
        ),
        (
            "itms-apps://apps.apple.com/app/id1".to_owned(),
            LinkFault::WrongScheme { found: "itms-apps://apps.apple.com/app/id1".to_owned() },
            "a store link",
        ),
        ("hello".to_owned(), LinkFault::WrongScheme { found: "hello".to_owned() }, "no link at all"),
        (String::new(), LinkFault::WrongScheme { found: String::new() }, "nothing"),
    ]);
}

#[test]
fn faults_of_encoding_say_what_is_lost_and_what_was_meant() {
    assert_faults(&[
        (
            pasted("https://h/m?a=1&b=2&c&b=3"),
            not_encoded(&["b", "c", "b"], "https://h/m?a=1&b=2&c&b=3"),
            "every lost parameter in order",
        ),
        (
            pasted("https://h/m?a=1&action=go"),
            not_encoded(&["action"], "https://h/m?a=1&action=go"),
            "a lost parameter that is named like one of the link's own",
        ),
        (
            pasted("https://h/m?a=1&url=https://x/"),
            not_encoded(&["url"], "https://h/m?a=1&url=https://x/"),
            "a url parameter of the manifest url",
        ),
        (
            pasted("https://h/My%2520App?a=1&b=2"),
            not_encoded(&["b"], "https://h/My%20App?a=1&b=2"),
            "encoded by something that leaves & plain",
        ),
        (
            pasted("https://h/m?t=a%2Bb"),
            not_encoded(&[], "https://h/m?t=a%2Bb"),
            "an encoded plus sign becomes a plus sign",
        ),
        (
            pasted("https://h/m?c=%23fff"),
            not_encoded(&[], "https://h/m?c=%23fff"),
            "a number sign cuts the query",
        ),
        (
            pasted("https%3A%2F%2Fh%2Fm%2520n?a=%20&b=2"),
            not_encoded(&["b"], "https://h/m%20n?a=%20&b=2"),
            "an encoded query appended after encoding",
        ),
        (
            pasted("https://h/%A0?a&&b&"),
            not_encoded(&["b"], "https://h/%A0?a&&b"),
            "bytes that are not UTF-8, empty parts",
        ),
        (
            pasted("https://h/%A0"),
            not_encoded(&[], "https://h/%A0"),
            "an escape that only a second decoding survives",
        ),
        (
            pasted("https%3A%2F%2Fh%2Fm?a=1&b=2"),
            not_encoded(&["b"], "https://h/m?a=1&b=2"),
            "a query appended after encoding",
        ),
        (
            pasted("https://h/My%20App.plist"),
            not_encoded(&[], "https://h/My%20App.plist"),
            "its encoding is undone",
        ),
        (
            pasted("https://h/%CE%B2"),
            not_encoded(&[], "https://h/%CE%B2"),
            "non-ASCII encoded for the url alone",
        ),
        (
            pasted("https://h/a%2Fb.plist"),
            not_encoded(&[], "https://h/a%2Fb.plist"),
            "an encoded slash becomes a slash",
        ),
        (
            pasted("https://h/100%25.plist"),
            not_encoded(&[], "https://h/100%25.plist"),
            "an encoded percent sign",
        ),
        (
            pasted("https%25253A%25252F%25252Fh%25252Fm"),
            LinkFault::ManifestUrlEncodedTwice { at: VALUE_AT, times: 3, intended: "https://h/m".to_owned() },
            "encoded three times",
        ),
        (
            "itms-services://?url=https://h/m.plist#top&action=download-manifest".to_owned(),
            LinkFault::ManifestUrlNotEncoded {
                at: 21,
                lost: vec!["action".to_owned()],
                intended: "https://h/m.plist".to_owned(),
            },
            "a fragment cuts the action off",
        ),
    ]);
}

#[test]
fn invalid_manifest_urls_are_mended_where_encoding_is_enough() {
    assert_faults(&[
        (
            pasted("https://h/My App.plist"),
            invalid(illegal(' ', 12), Some("https://h/My%20App.plist")),
            "a raw space",
        ),
        (
            pasted("https%3A%2F%2Fh%2FMy%20App.plist"),
            invalid(illegal(' ', 12), Some("https://h/My%20App.plist")),
            "a space that was encoded for the link alone",
        ),
        (
            pasted("https://h/é"),
            invalid(illegal('é', 10), Some("https://h/%C3%A9")),
            "a raw letter beyond ASCII",
        ),
        (
            pasted("https://bücher.example/"),
            invalid(illegal('ü', 9), Some("https://xn--bcher-kva.example/")),
            "a name without punycode",
        ),
        (
            pasted("https://h/{{id}}"),
            invalid(illegal('{', 10), Some("https://h/%7B%7Bid%7D%7D")),
            "a template left unfilled",
        ),
        (
            pasted("https://h/100%.plist"),
            invalid(UrlProblem::BrokenEncoding, Some("https://h/100%25.plist")),
            "a stray %",
        ),
        (
            pasted("https%3A%2F%2Fh%2F%FF"),
            invalid(UrlProblem::BrokenEncoding, None),
            "bytes that are not UTF-8",
        ),
        (pasted("https%3A%2F%2Fh%60h%2Fm"), invalid(illegal('`', 9), None), "a host that no encoding mends"),
        (
            pasted("https://h:99999/"),
            invalid(UrlProblem::Malformed { reason: "invalid port number".to_owned() }, None),
            "an impossible port",
        ),
    ]);
}

#[test]
fn faults_of_the_manifest_url_carry_their_evidence() {
    assert_faults(&[
        (
            pasted("h.example/m.plist?x=1"),
            LinkFault::ManifestUrlNotAbsolute { at: VALUE_AT, found: "h.example/m.plist".to_owned() },
            "no scheme; the query stays out of the report",
        ),
        (
            pasted("//h.example/m.plist"),
            LinkFault::ManifestUrlNotAbsolute { at: VALUE_AT, found: "//h.example/m.plist".to_owned() },
            "relative to the scheme",
        ),
        (
            pasted("https:/h.example/m.plist"),
            LinkFault::ManifestUrlNotAbsolute { at: VALUE_AT, found: "https:/h.example/m.plist".to_owned() },
            "one slash is no host",
        ),
        (
            pasted("h.example:8443/m"),
            LinkFault::ManifestUrlNotAbsolute { at: VALUE_AT, found: "h.example:8443/m".to_owned() },
            "a host and port are no scheme",
        ),
        (
            pasted("file:///m.plist"),
            LinkFault::ManifestUrlNotHttps { at: VALUE_AT, scheme: "file".to_owned() },
            "a file",
        ),
        (
            pasted("https%3A%2F%2Fh%2Fm%3Faccess_token%3Dx%26X-Amz-Signature%3Dy%26v%3D1%26token%3D"),
            LinkFault::SecretInQuery {
                at: VALUE_AT,
                parameters: vec!["access_token".to_owned(), "X-Amz-Signature".to_owned()],
            },
            "secrets by name, empty ones apart",
        ),
        (pasted(""), LinkFault::ManifestUrlMissing, "an empty url"),
        ("itms-services://?action=download-manifest".to_owned(), LinkFault::ManifestUrlMissing, "no url"),
        (
            pasted("itms-services://?action%3Ddownload-manifest%26url%3Dhttps%253A%252F%252Fh%252Fm"),
            LinkFault::LinkInsideLink { at: VALUE_AT },
            "a link inside, encoded in part",
        ),
        (
            pasted("itms-services://?action=download-manifest&url=https://h/m"),
            LinkFault::LinkInsideLink { at: VALUE_AT },
            "a link inside, unencoded",
        ),
        (
            "itms-services://itms-services://?action=download-manifest&url=https://h/m".to_owned(),
            LinkFault::LinkInsideLink { at: 16 },
            "the prefix twice in a row",
        ),
    ]);
}

#[test]
fn the_device_itself_is_known_in_every_spelling() {
    for (url, shown) in [
        ("https://localhost/m", "localhost"),
        ("https://127.0.0.1:8443/m", "127.0.0.1"),
        ("https://2130706433/m", "127.0.0.1"),
        ("https://[::1]/m", "[::1]"),
        ("https://[::ffff:127.0.0.1]/m", "[::ffff:127.0.0.1]"),
        ("https://0.0.0.0/m", "0.0.0.0"),
    ] {
        let reading = InstallLink::parse(InstallLink::new(url).unwrap().as_str());
        assert_eq!(reading.outcome(), &LinkOutcome::Refused(Refusal::HostIsTheDevice), "{url}");
        let [LinkFault::ManifestHostIsTheDevice { host, .. }] = reading.faults() else {
            panic!("{url}: {reading:?}")
        };
        assert_eq!(host.replace("7f00:1", "127.0.0.1"), shown, "{url}");
        assert_eq!(reading.repaired(), None, "{url}: no other spelling helps");
        assert_eq!(reading.intended_url(), Some(InstallLink::new(url).unwrap().manifest_url()), "{url}");
    }
}

#[test]
fn several_faults_are_reported_together_each_cause_once() {
    for (link, expected, repaired) in [
        (
            "ITMS-SERVICES:?action=download&amp;url=http://localhost/m?token=1&b=2",
            &[
                "wrong-scheme",
                "scheme-not-lowercase",
                "double-escaped-ampersand",
                "action-missing-or-wrong",
                "manifest-url-not-encoded",
                "manifest-url-not-https",
                "manifest-host-is-the-device",
                "secret-in-query",
            ][..],
            Some("https://localhost/m?token=1&b=2"),
        ),
        ("itms-services://", &["action-missing-or-wrong", "manifest-url-missing"], None),
        (
            "itms-services://?action=download-manifest&url=http://h.example:8080/m&amp;x=1",
            &["double-escaped-ampersand", "manifest-url-not-https"],
            None,
        ),
        (
            "itms-services://?action=download-manifest&url=itms-services%3A%2F%2F%3Furl%3Dhttp%3A%2F%2Fh%2Fm%20n",
            &["link-inside-link", "manifest-url-invalid", "manifest-url-not-https"],
            Some("https://h/m%20n"),
        ),
        (
            "itms-services://?action=download-manifest&amp;url=https://h/m?a=1&amp;b=2",
            &["double-escaped-ampersand", "manifest-url-not-encoded"],
            Some("https://h/m?a=1&b=2"),
        ),
        (
            "itms-services://?action=download-manifest&url=%252Fm.plist",
            &["manifest-url-encoded-twice", "manifest-url-not-absolute"],
            None,
        ),
    ] {
        let reading = InstallLink::parse(link);
        assert_eq!(names(&reading), expected, "{link}");
        assert_eq!(reading.repaired().map(InstallLink::manifest_url), repaired, "{link}");
    }
}

#[test]
fn illegal_characters_divide_the_systems() {
    let reading = InstallLink::parse(&pasted("https%3A%2F%2Fh%2FMy%20App.plist"));
    let expected = LinkOutcome::FetchedByNewerSystems {
        manifest_url: "https://h/My%20App.plist".to_owned(),
        digest: None,
    };
    assert_eq!(reading.outcome(), &expected);
}

#[test]
fn html_attributes_are_decoded_as_browsers_do() {
    let good = pasted("https%3A%2F%2Fh.example%2Fm.plist");
    for (value, why) in [
        (good.clone(), "a raw ampersand"),
        (good.replace('&', "&amp;"), "an escaped one"),
        (good.replace('&', "&#38;"), "a decimal reference"),
        (good.replace('&', "&#x26;"), "a hexadecimal one"),
        (good.replace(':', "&colon;"), "names for other signs"),
        (format!("\n  {}\t", good.replace("&url", "\n&amp;url")), "line ends around and inside"),
    ] {
        let reading = InstallLink::from_html_attribute(&value);
        assert_eq!(names(&reading), [""; 0], "{why}");
        assert_eq!(reading.link(), good, "{why}");
    }
    let twice = InstallLink::from_html_attribute(&good.replace('&', "&amp;amp;"));
    assert_eq!(names(&twice), ["double-escaped-ampersand"]);
    let raw = InstallLink::from_html_attribute(&pasted("https://h/m?a=1&copy=2"));
    let [LinkFault::ManifestUrlNotEncoded { lost, .. }] = raw.faults() else { panic!("{raw:?}") };
    assert_eq!(lost, &["copy"], "a name without its semicolon stays text in front of an equals sign");
}

#[test]
fn messages_hold_no_secret() {
    for url in [
        "https://h/m?token=S3CRET&b=S3CRET",
        "http://h/m?token=S3CRET",
        "/m?token=S3CRET",
        "https://h/m m?t=S3CRET",
    ] {
        for fault in InstallLink::parse(&pasted(url)).faults() {
            assert!(!fault.to_string().contains("S3CRET"), "{fault}");
        }
        if let Err(error) = InstallLink::new(url) {
            assert!(!error.to_string().contains("S3CRET"), "{error}");
        }
    }
}

#[test]
fn deep_nesting_ends() {
    let mut link = pasted("https://h/m");
    for _ in 0..100 {
        link = pasted(&link);
    }
    assert_eq!(names(&InstallLink::parse(&link)), ["link-inside-link"]);
    let twice = format!("https%{}3A%2F%2Fh", "25".repeat(1000));
    assert_eq!(names(&InstallLink::parse(&pasted(&twice))), ["manifest-url-encoded-twice"]);
}

#[test]
fn long_links_are_read_in_one_go() {
    let many = "&action=go&url=https://h/m?a".repeat(50_000);
    let reading = InstallLink::parse(&pasted(&format!("https://h/m?a=1{many}")));
    let [LinkFault::ManifestUrlNotEncoded { lost, .. }] = reading.faults() else { panic!("other faults") };
    assert_eq!(lost.len(), 100_000);
}

#[test]
fn each_rendering_fits_its_place() {
    let link = InstallLink::new("https://h.example/m.plist?a=1").unwrap();
    let plain = "itms-services://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm.plist%3Fa%3D1";
    assert_eq!(link.to_plain_text().as_str(), plain);
    assert_eq!(link.to_markdown_destination().as_str(), plain);
    assert_eq!(link.to_html_attribute().as_str(), plain.replace('&', "&amp;"));
    assert_eq!(link.to_javascript_string().as_str(), format!("\"{plain}\""));
    assert_eq!(link.to_json_string().as_str(), format!("\"{plain}\""));
}

fn https_url() -> impl Strategy<Value = String> {
    let host = "[a-z][a-z0-9-]{0,10}[a-z0-9](\\.[a-z]{2,6}){0,2}";
    let port = prop::option::of(1_u16..);
    let path = "(/(\\PC|[ -~]|%[0-9A-F]{2}){0,8}){0,3}";
    let query = prop::option::of("([ -~]|\\PC){0,20}");
    (host, port, path, query).prop_map(|(host, port, path, query)| {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("https://{host}{port}{path}{query}x")
    })
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(url in https_url()) {
        let Ok(link) = InstallLink::new(&url) else {
            // Some random names are no valid punycode.
            prop_assume!(url.contains("xn--") || url.contains("--"));
            return Ok(());
        };
        let reading = InstallLink::parse(link.as_str());
        prop_assert_eq!(reading.manifest_url(), Some(link.manifest_url()));
        prop_assert!(names(&reading).iter().all(|name| *name == "secret-in-query"), "{:?}", reading.faults());
        prop_assert_eq!(reading.repaired(), None);
        let again = InstallLink::new(link.manifest_url()).unwrap();
        prop_assert_eq!(&again, &link, "the normal form is stable");
        prop_assert!(link.as_str()["itms-services://?action=download-manifest&url=".len()..]
            .chars().all(|c| c.is_ascii_alphanumeric() || "-_.~%".contains(c)));
    }

    /// However a link is put together by hand: either the manifest URL arrives, or the loss is named and mended.
    #[test]
    fn no_loss_goes_unnamed(url in https_url(), way in 0..5) {
        let Ok(link) = InstallLink::new(&url) else { return Ok(()) };
        let url = link.manifest_url();
        // Known to be ambiguous: a path with `&` may be followed by parameters of the link's own, and escaped signs in an
        // unencoded url may be all the encoding it got.
        let path = url.split('?').next().unwrap();
        let escapes_signs = ["%26", "%3F", "%3D", "%25"].iter().any(|escape| url.contains(escape));
        if (way < 2 && path.contains('&')) || (way == 0 && escapes_signs) {
            return Ok(());
        }
        let text = match way {
            0 => pasted(url),
            1 => pasted(&url.replace('%', "%25")),
            2 => pasted(&link.as_str()[VALUE_AT..].replace('%', "%25")),
            3 => pasted(&link.as_str().replace('%', "%25").replace('&', "%26").replace('=', "%3D")),
            _ => link.as_str().replace('&', "&amp;"),
        };
        let reading = InstallLink::parse(&text);
        let spelling: Vec<_> = names(&reading).into_iter().filter(|name| *name != "secret-in-query").collect();
        // Fragments never reach a server, and an `&` at the end says nothing to it.
        let request = |url: &str| url.split('#').next().unwrap().trim_end_matches('&').to_owned();
        if spelling.is_empty() {
            // Escapes of letters that need none come out plain, which is the same URL (RFC 3986, 6.2.2.2).
            let same = |url: &str| percent_encoding::percent_decode_str(url).collect::<Vec<u8>>();
            prop_assert_eq!(same(&request(reading.manifest_url().unwrap())), same(&request(url)), "{}", text);
        } else {
            let repaired = reading.repaired().map(|link| request(link.manifest_url()));
            prop_assert_eq!(repaired, Some(request(url)), "{}: {:?}", text, spelling);
        }
    }

    #[test]
    fn each_rendering_decodes_to_the_link(url in https_url()) {
        let Ok(link) = InstallLink::new(&url) else { return Ok(()) };
        let html = link.to_html_attribute();
        prop_assert_eq!(htmlize::unescape_attribute(html.as_str()), link.as_str());
        let read = InstallLink::from_html_attribute(html.as_str());
        prop_assert_eq!(read.link(), link.as_str());
        let json: String = serde_json::from_str(link.to_json_string().as_str()).unwrap();
        prop_assert_eq!(json.as_str(), link.as_str());
        // Every JSON string is a JavaScript string literal of the same value (ECMA-262, edition 10).
        let javascript: String = serde_json::from_str(link.to_javascript_string().as_str()).unwrap();
        prop_assert_eq!(javascript.as_str(), link.as_str());
        prop_assert_eq!(link.to_plain_text().to_string(), link.as_str());
        let markdown = format!("[Install]({})", link.to_markdown_destination());
        let destination = pulldown_cmark::Parser::new(&markdown).find_map(|event| match event {
            pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        });
        prop_assert_eq!(destination.as_deref(), Some(link.as_str()));
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = InstallLink::parse(&text);
        let _ = InstallLink::from_html_attribute(&text);
        let _ = InstallLink::new(&text);
    }

    #[test]
    fn nothing_like_a_link_makes_it_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "itms-services", "ITMS-SERVICES", ":", "//", "?", "&", "&amp;", "&#38;", "#", "=", "action", "url", "digest",
                "download-manifest", "https://h.example/m", "http", "https%3A%2F%2F", "%25", "%", "3A", "é", " ", "[", "@",
            ]),
            0..24,
        ),
    ) {
        let text = pieces.concat();
        let reading = InstallLink::parse(&text);
        for pair in reading.faults().windows(2) {
            prop_assert_ne!(pair[0].name(), pair[1].name());
        }
        if let Some(repaired) = reading.repaired() {
            let again = InstallLink::parse(repaired.as_str());
            prop_assert!(again.repaired().is_none(), "mended once is mended: {:?}", again.faults());
        }
        // A link without faults is one that every device fetches.
        if reading.faults().is_empty() {
            let is_fetched = matches!(reading.outcome(), LinkOutcome::Fetched { .. });
            prop_assert!(is_fetched, "{text}: {:?}", reading.outcome());
        }
    }
}

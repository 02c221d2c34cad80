use crate::airstair::{redacted, run, run_with_input};

const LINK: &str = "itms-services://?action=download-manifest&url=https%3A%2F%2Fh%2Fm.plist%3Fa%3D1%26b%3D2";

#[test]
fn the_link_stands_alone_on_standard_output() {
    let plain = run(["link", "https://h/m.plist?a=1&b=2"]);
    assert_eq!((plain.code, plain.stdout, plain.stderr), (0, format!("{LINK}\n"), String::new()));
    for (form, expected) in [
        ("text", LINK.to_owned()),
        ("html", LINK.replace('&', "&amp;")),
        ("markdown", LINK.to_owned()),
        ("javascript", format!("\"{LINK}\"")),
        ("json-string", format!("\"{LINK}\"")),
    ] {
        assert_eq!(
            run(["link", "--format", form, "https://h/m.plist?a=1&b=2"]).stdout.trim_end(),
            expected,
            "{form}"
        );
    }
    let json = run(["link", "https://h/m.plist?a=1&b=2", "--json"]).json();
    assert_eq!((json["link"].as_str(), json["warnings"].as_array().map(Vec::len)), (Some(LINK), Some(0)));
}

#[test]
fn a_qr_code_is_square_and_framed() {
    let code = run(["link", "--format", "qr", "https://h.example/m.plist"]);
    let lines: Vec<_> = code.stdout.lines().collect();
    let width = lines[0].chars().count();
    assert_eq!(lines.len(), width.div_ceil(2));
    assert!(lines.iter().all(|line| line.chars().count() == width), "{}", code.stdout);
    assert!(lines[..2].iter().all(|line| line.chars().all(|c| c == '█')), "four empty rows above");
    let long = format!("https://h.example/{}", "x".repeat(4000));
    assert_eq!(run(["link", "--format", "qr", &long]).code, 3);
}

#[test]
fn urls_that_cannot_be_in_a_link_are_refused_with_advice() {
    for (url, expected) in [
        ("http://h/m.plist", "devices accept only https"),
        ("h.example/m.plist", "not absolute"),
        ("https://h e/m.plist", "not valid"),
        (LINK, "an install link already"),
        ("", "not absolute"),
    ] {
        let run = run(["link", url]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{url}: {run:?}");
        assert!(run.stderr.contains(expected) && run.stderr.contains("help:"), "{url}: {run:?}");
    }
    assert_eq!(run(["link"]).code, 2);
}

#[test]
fn what_a_shell_cut_is_told_and_never_refused() {
    for words in [&["link", "https://h/m.plist?a=1", "b=2"][..], &["link", "https://h/m.plist?sv=1"]] {
        let cut = run(words);
        assert_eq!(cut.code, 0, "{cut:?}");
        assert!(cut.stdout.starts_with("itms-services://?"), "{cut:?}");
        assert!(cut.stderr.contains("likely") && cut.stderr.contains("help:"), "{cut:?}");
    }
    let quoted = run(["link", "https://h/m.plist?a=1"]);
    assert_eq!(quoted.stderr, "", "one parameter is no proof");
}

#[cfg(target_os = "linux")]
#[test]
fn a_shell_that_takes_the_rest_of_the_url_for_a_command_is_noticed() {
    let script = format!("{} link https://h/m.plist?a=1&b=2\nwait", env!("CARGO_BIN_EXE_airstair"));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("likely cut by the shell"), "{stderr}");
    assert!(output.stdout.ends_with(b"m.plist%3Fa%3D1\n"), "{:?}", output.stdout);
}

#[test]
fn a_link_is_explained_for_people() {
    let good = run(["link", "--decode", LINK]);
    assert_eq!(good.code, 0, "{good:?}");
    insta::assert_snapshot!(good.stdout, @r"
    A device fetches the manifest and offers what is in it.

      link      itms-services://?action=download-manifest&url=https%3A%2F%2Fh%2Fm.plist%3Fa%3D1%26b%3D2
      requests  https://h/m.plist?a=1&b=2
    ");
    let bad =
        run(["link", "--decode", "itms-services://?action=download-manifest&url=https://h/m.plist?a=1&b=2"]);
    assert_eq!(bad.code, 1, "{bad:?}");
    redacted().bind(|| insta::assert_snapshot!("link_decode_text", bad.stdout));
}

#[test]
fn a_link_is_explained_for_programs() {
    let run = run([
        "link",
        "--decode",
        "itms-services://?action=download-manifest&amp;url=http%3A%2F%2Fh%2Fm.plist",
        "--json",
    ]);
    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!("link_decode_json", run.stdout);
}

#[test]
fn the_exit_code_says_whether_a_device_installs() {
    let to = |url: &str| format!("itms-services://?action=download-manifest&url={url}");
    for (link, html, code, why) in [
        (LINK.to_owned(), false, 0, "a good link"),
        (LINK.replace('&', "&amp;"), true, 0, "escaped in a page"),
        (LINK.replace('&', "&amp;"), false, 1, "escaped outside of a page"),
        (to("https://h/m.plist"), false, 0, "not encoded, yet unharmed"),
        (to("https://h/m.plist?a=1&b=2"), false, 1, "cut at the second parameter"),
        (to("https%253A%252F%252Fh%252Fm.plist"), false, 1, "encoded twice"),
        (to("http%3A%2F%2Fh%2Fm.plist"), false, 1, "not https"),
        (to("https%3A%2F%2Flocalhost%2Fm.plist"), false, 1, "the device itself"),
        (to("https%3A%2F%2Fh%2Fm.plist%3Ftoken%3D1"), false, 0, "a secret in the query is a warning"),
        (LINK.replace("itms-services", "ITMS-services"), false, 1, "a capital scheme"),
        ("https://h/m.plist".to_owned(), false, 1, "no install link at all"),
        (String::new(), false, 1, "nothing"),
    ] {
        let mut words = vec!["link", "--decode", &link];
        words.extend(html.then_some("--html"));
        assert_eq!(run(words).code, code, "{why}: {link}");
    }
}

#[test]
fn links_are_found_in_whole_texts() {
    let page = format!(
        "<html>\n<a href=\"{}\">good</a>\n<a href='itms-services://?action=download-manifest&url=http%3A%2F%2Fh'>bad</a>",
        LINK.replace('&', "&amp;")
    );
    for words in [&["link", "--decode", "--json"][..], &["link", "--decode", "-", "--json"]] {
        let run = run_with_input(words, &page);
        let links = run.json()["links"].clone();
        let seen: Vec<_> = links
            .as_array()
            .unwrap()
            .iter()
            .map(|link| (link["line"].as_u64(), link["installs"].as_bool()))
            .collect();
        assert_eq!((run.code, seen), (1, vec![(Some(2), Some(true)), (Some(3), Some(false))]));
    }
    let nothing = run_with_input(["link", "--decode"], "no link in here");
    assert_eq!(nothing.code, 1);
    assert!(nothing.stderr.contains("help:"), "{nothing:?}");
    // Bytes that are no text are read all the same.
    assert_eq!(run_with_input(["link", "--decode"], [&[0xff, 0xff, b' '], LINK.as_bytes()].concat()).code, 0);
}

//! One package from a terminal: the address, the code, the devices as they come, and nothing left behind.

use std::net::TcpListener;

use e2e::{Certificates, Device, Download, Protocol, Share, ShareUser, free_port};
use serde_json::Value;

use crate::bench::{BINARY, files, package};
use crate::camera;

fn user() -> ShareUser {
    ShareUser::new(BINARY.as_ref())
}

/// Shares on a port of this machine alone, which is free now.
fn share(user: &ShareUser, words: &[&str]) -> Share {
    user.share(&[words, &["--listen", &format!("127.0.0.1:{}", free_port())]].concat())
}

/// Ends it by Ctrl-C, which must be a good end with nothing left behind.
fn end(user: &ShareUser, share: Share) {
    let ended = share.interrupt();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(ended.stderr, "", "{ended}");
    assert_eq!(files(&user.temporary()), Vec::<std::path::PathBuf>::new());
    assert!(user.temporary().read_dir().expect("a folder").next().is_none(), "a folder is left");
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_package_installs_and_each_step_is_told_to_programs() {
    let (user, bytes) = (user(), package(1, 3_000_000).build());
    let file = user.temporary().with_file_name("App.ipa");
    std::fs::write(&file, &bytes).expect("room for a package");
    let mut share =
        share(&user, &[file.to_str().expect("a plain path"), "--json", "--notes", "Try **this**."]);
    let shared = share.json();
    assert_eq!((text(&shared["bundle_id"]), text(&shared["version"])), ("com.example.notes", "1.2.3"));
    assert_eq!(text(&shared["build_number"]), "1");

    let device = Device::iphone(&user.root_pem(), Protocol::Http2).expect("a root to trust");
    let page = device.open_page(text(&shared["page_url"])).await.expect("a page");
    assert!(page.text.contains("Try this."), "{}", page.text);
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert!(installed.package == bytes, "other bytes");

    let first = share.json();
    assert_eq!(first["phase"], "manifest-fetched", "{first}");
    assert_eq!((text(&first["model"]), text(&first["os_version"])), ("iPhone15,2", "18.0"));
    assert_eq!(first["findings"], Value::Array(Vec::new()), "nothing speaks against it on this device");
    let mut last = first.clone();
    while last["phase"] != "all-sent" {
        let step = share.json();
        assert_eq!(step["attempt"], first["attempt"], "one device, one attempt");
        assert!(step["sent_bytes"].as_u64() >= last["sent_bytes"].as_u64(), "{last}, then {step}");
        last = step;
    }
    assert_eq!(last["sent_bytes"].as_u64(), Some(bytes.len() as u64));
    assert_eq!(last["size_bytes"], last["sent_bytes"]);
    end(&user, share);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_shows_a_newcomer_the_whole_road() {
    let user = user();
    let mut share = share(&user, &["--sample"]);
    let said = share.lines_to("Ctrl-C");
    assert_eq!(said[0], "Airstair Sample 1.0 (1)");
    assert!(said[1].contains("a sample"), "{said:#?}");
    let url = said.iter().find_map(|line| line.trim().strip_prefix("https://")).expect("an address");
    let url = format!("https://{url}");
    let code: Vec<&str> =
        said.iter().map(String::as_str).filter(|line| line.contains(['█', '▀', '▄'])).collect();
    assert_eq!(camera::read_terminal(&code), url, "what the code in the terminal says");

    // What the phone is to open the first time hands out the root, with the fingerprint that the terminal shows.
    let stranger = Device::iphone(&user.root_pem(), Protocol::Http1).expect("a root");
    let trust_url =
        said.iter().flat_map(|line| line.split_whitespace()).find(|word| word.starts_with("http://"));
    let trust = stranger.open_page(trust_url.expect("an address to trust by")).await.expect("a page");
    let fingerprint = said.iter().map(|line| line.trim()).find(|line| line.matches(' ').count() == 31);
    assert!(trust.text.contains(fingerprint.expect("a fingerprint")), "{}", trust.text);
    assert!(trust.links.contains(&url), "{:?} do not lead to {url}", trust.links);

    let device = Device::iphone(&user.root_pem(), Protocol::Http2).expect("a root to trust");
    let page = device.open_page(&url).await.expect("a page");
    assert!(page.text.contains("A sample that shows the road."), "{}", page.text);
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert_eq!(installed.bundle_identifier, "org.airstair.sample");
    let told = share.lines_to("sent; the phone now checks");
    assert!(told[0].starts_with("iPhone15,2 iOS 18.0 "), "{told:?}");
    assert!(told[0].ends_with("fetched the manifest; the phone now asks its owner"), "{told:?}");
    end(&user, share);
}

#[test]
fn a_phone_that_trusts_this_machine_once_trusts_it_the_next_time() {
    let user = user();
    let [first, second] = [0, 1].map(|_| {
        let mut share = share(&user, &["--sample", "--json"]);
        let shared = share.json();
        end(&user, share);
        shared
    });
    assert_eq!(text(&first["fingerprint"]), text(&second["fingerprint"]));
    assert_ne!(first["page_url"], second["page_url"], "each time another address");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_tunnel_links_bear_its_address_and_no_trust_is_asked_for() {
    let user = user();
    let port = free_port();
    let words = ["--sample", "--json", "--public-url", "https://tunnel.example", "--listen"];
    let mut share = user.share(&[&words[..], &[&format!("127.0.0.1:{port}")]].concat());
    let shared = share.json();
    assert_eq!(shared["fingerprint"], Value::Null);
    let path =
        text(&shared["page_url"]).strip_prefix("https://tunnel.example/").expect("the tunnel's address");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = std::fs::read_to_string(Certificates::write(folder.path()).root()).expect("a root");
    let tunnel = Device::iphone(&root, Protocol::Http1).expect("a root");
    let page = tunnel.open_page(&format!("http://127.0.0.1:{port}/{path}")).await.expect("plain HTTP");
    let manifest_url = page.manifest_url().expect("a button");
    assert!(manifest_url.starts_with("https://tunnel.example/t/"), "{manifest_url}");
    end(&user, share);
}

#[test]
fn what_cant_be_shared_is_told_and_leaves_nothing() {
    let user = user();
    let port = free_port();
    let _taken = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let [free, taken] = [free_port(), port].map(|port| format!("127.0.0.1:{port}"));
    let folder = user.temporary();
    let folder = folder.to_str().expect("a plain path");
    let text_file = user.temporary().with_file_name("notes.ipa");
    std::fs::write(&text_file, "these are notes, not an app").expect("room for a file");
    let text_file = text_file.to_str().expect("a plain path");
    for (words, code, sentence) in [
        (vec!["--sample", "--listen", &taken], 3, "another program listens there"),
        (vec!["nowhere.ipa", "--listen", &free], 3, "nowhere.ipa can't be read"),
        (vec![folder, "--listen", &free], 3, "can't be read"),
        (vec![text_file, "--listen", &free], 1, "this is no app package that a device could install"),
        (
            vec!["--sample", "--listen", &free, "--public-url", "http://plain.example"],
            2,
            "is no https address",
        ),
        (vec!["--sample", "--listen", &free, "--host", "a b"], 2, "\"a b\" is no host name"),
        (vec!["--sample", "App.ipa"], 2, "cannot be used with"),
        (vec![], 2, "required"),
    ] {
        let ended = user.share(&words).ended();
        assert_eq!(ended.code, Some(code), "{words:?}: {ended}");
        assert!(ended.stderr.contains(sentence), "{words:?}: {ended}");
        assert_eq!(ended.stdout, "", "{words:?}: {ended}");
        assert!(user.temporary().read_dir().expect("a folder").next().is_none(), "{words:?} left something");
    }
}

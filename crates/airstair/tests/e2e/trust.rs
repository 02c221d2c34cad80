//! What a phone sees that does not trust the server's authority yet.

use e2e::{Device, Download, Protocol};

use crate::bench::{Bench, package};

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_the_same_port_hands_out_the_root_that_signs() {
    let bench = Bench::start();
    let published = bench.publish(&package(1, 1_000).build());
    let plain = format!("http://localhost:{}", bench.folder.port());
    let device = bench.device(Protocol::Http1);

    let trust = device.open_page(&plain).await.expect("the page about trust");
    assert_eq!(trust.heading, "Trust this server");
    assert!(!trust.offers_install());
    assert!(trust.links.iter().any(|link| link.starts_with(bench.folder.public_url())), "{:?}", trust.links);

    let path = published.page_url.strip_prefix(bench.folder.public_url()).expect("a page of this server");
    let led = device.open_page(&format!("{plain}{path}")).await.expect("the same page");
    assert_eq!(led.heading, trust.heading, "a link opened without its https");

    let pem = device.browse(&format!("{plain}/airstair.pem")).await.expect("the root");
    assert_eq!(pem.text(), bench.folder.root_pem());
    let profile = device.browse(&format!("{plain}/airstair.mobileconfig")).await.expect("the profile");
    assert_eq!(profile.header("content-type"), Some("application/x-apple-aspen-config"));
    assert!(profile.text().contains("com.apple.security.root"), "{}", profile.text());

    // A phone that trusts what it was handed, and nothing else, installs.
    let trusting = Device::iphone(&pem.text(), Protocol::Http2).expect("a root to trust");
    let page = trusting.open_page(&published.page_url).await.expect("a page over TLS");
    trusting.tap(&page, &Download::Whole).await.expect("an install");

    let ended = bench.server.stop();
    let mut words = ended.stderr.lines().filter_map(|line| line.trim().strip_prefix("fingerprint "));
    let fingerprint = words.next().expect("the server's own words");
    assert!(trust.text.contains(fingerprint), "{fingerprint} is not on the page: {}", trust.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_trusts_another_root_gets_nothing() {
    let (bench, other) = (Bench::start(), Bench::start());
    let published = bench.publish(&package(1, 1_000).build());
    let stranger = other.device(Protocol::Http2);
    let refused = stranger.open_page(&published.page_url).await;
    assert!(matches!(refused, Err(e2e::DeviceError::Connection { .. })), "{refused:?}");
}

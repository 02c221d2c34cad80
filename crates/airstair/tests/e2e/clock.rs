//! A machine whose clock was set back while its server was away.

use std::path::Path;

use e2e::{Device, Download, Protocol};

use crate::bench::{Acknowledged, Bench, package};

/// Where Debian's and Fedora's packages put the library that tells a process another time.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_loses_nothing_and_new_builds_are_still_the_newest() {
    let Some(library) = LIBRARIES.into_iter().find(|library| Path::new(library).exists()) else {
        eprintln!("SKIPPED: libfaketime is not installed, so a clock set back was not tried");
        return;
    };
    let bench = Bench::start();
    let first = bench.publish(&package(1, 50_000).build());
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&first.page_url).await.expect("a page");
    let today = day(&device, &first.page_url).await;
    let token = bench.token.clone();
    let folder = bench.end();

    let folder = folder.with_environment("LD_PRELOAD", library).with_environment("FAKETIME", "-36h");
    let server = folder.start().expect("a server that starts in the past");
    // The old connection is gone with the old server.
    let device = Device::iphone(&folder.root_pem(), Protocol::Http2).expect("the same root");
    assert_ne!(day(&device, &first.page_url).await, today, "the server lives in another day");
    let installed = device.tap(&page, &Download::Whole).await.expect("a ticket from the future");
    assert_eq!(installed.sha256, first.sha256);

    let packages = tempfile::tempdir().expect("a temporary folder");
    let file = packages.path().join("App.ipa");
    std::fs::write(&file, package(2, 50_000).build()).expect("room for a package");
    let published =
        folder.publish(&token, &file, &["--channel", "beta"]).fine().expect("a build that is taken");
    let second = Acknowledged::read(&published);
    let page = device.open_page(&second.page_url).await.expect("a page");
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert_eq!(installed.sha256, second.sha256, "what was released last is on the page");
    let page = device.open_page(&first.build_url).await.expect("a page");
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert_eq!(installed.sha256, first.sha256);
    let ended = server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
}

/// The day the server says it is.
async fn day(device: &Device, url: &str) -> String {
    let answer = device.browse(url).await.expect("an answer");
    let date = answer.header("date").expect("a date");
    date.chars().take("Sat, 21 Nov 2026".len()).collect()
}

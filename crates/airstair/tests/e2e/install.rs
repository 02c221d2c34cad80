//! A build published by the real command, installed by a device, byte for byte.

use e2e::{Device, Download, Protocol};

use crate::bench::{Bench, Dice, package};

#[tokio::test(flavor = "multi_thread")]
async fn a_published_build_installs_over_both_versions_of_http() {
    let bench = Bench::start();
    let bytes = package(1, 300_000).build();
    let published = bench.publish(&bytes);
    assert_eq!(published.outcome, "new-build");
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let device = bench.device(protocol);
        for url in [&published.page_url, &published.build_url] {
            let page = device.open_page(url).await.expect("a page");
            assert_eq!(page.heading, "Notes");
            let installed = device.tap(&page, &Download::Whole).await.expect("an install");
            assert!(installed.package == bytes, "{protocol:?}: other bytes");
            assert_eq!(installed.sha256, published.sha256);
            assert_eq!(installed.title, "Notes");
            assert_eq!(installed.bundle_version, "1");
        }
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_any_script_arrive_as_they_are() {
    let bench = Bench::start();
    let device = bench.device(Protocol::Http2);
    for (number, name) in [
        "R&D <b>\"Notes\"</b> 'n' more",
        "备忘录",
        "メモ帳",
        "Заметки",
        "ملاحظات",
        "הערות",
        "टिप्पणियाँ",
        "โน้ต",
        "Σημειώσεις",
        "메모",
        "Ångström e\u{301}",
        "👩‍👩‍👧‍👦 Family 🚀",
        "100% & more; a=b?c#d",
    ]
    .into_iter()
    .enumerate()
    {
        let package = package(number as u64 + 1, 1_000).display_name(name);
        let published = bench.publish(&package.build());
        let page = device.open_page(&published.page_url).await.expect("a page");
        assert_eq!(page.heading, name);
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert_eq!(installed.title, name);
        assert_eq!(installed.sha256, published.sha256);
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_anywhere_goes_on_where_it_broke() {
    let bench = Bench::start();
    let bytes = package(1, 3_000_000).build();
    let published = bench.publish(&bytes);
    let len = bytes.len() as u64;
    let mut dice = Dice::thrown();
    let mut plans = vec![vec![1], vec![len - 1], vec![1, 2, len - 2, len - 1]];
    plans.extend((0..8).map(|_| {
        let mut cuts: Vec<_> = (0..=dice.below(5)).map(|_| 1 + dice.below(len - 1)).collect();
        cuts.sort_unstable();
        cuts
    }));
    for (round, cuts) in plans.into_iter().enumerate() {
        let protocol = [Protocol::Http1, Protocol::Http2][round % 2];
        let device = bench.device(protocol);
        let page = device.open_page(&published.page_url).await.expect("a page");
        let download = Download::CutAfter(cuts);
        let installed = device.tap(&page, &download).await;
        let installed = installed.unwrap_or_else(|error| panic!("{protocol:?}, {download:?}: {error}"));
        assert!(installed.package == bytes, "{protocol:?}, {download:?}: other bytes");
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_install_at_once_from_one_page() {
    let bench = Bench::start();
    let bytes = package(1, 4_000_000).build();
    let published = bench.publish(&bytes);
    let phone = bench.device(Protocol::Http2);
    let tablet = Device::ipad(&bench.folder.root_pem(), Protocol::Http1).expect("a root to trust");
    let page = phone.open_page(&published.page_url).await.expect("a page");
    let half = Download::CutAfter(vec![bytes.len() as u64 / 2]);
    let (on_phone, on_tablet) = tokio::join!(phone.tap(&page, &half), tablet.tap(&page, &Download::Whole));
    assert!(on_phone.expect("an install").package == bytes);
    assert!(on_tablet.expect("an install").package == bytes);
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_build_takes_the_page_and_the_older_stays_to_be_had() {
    let bench = Bench::start();
    let older = bench.publish(&package(1, 10_000).build());
    let newer_bytes = package(2, 10_000).build();
    let newer = bench.publish(&newer_bytes);
    assert_eq!(older.page_url, newer.page_url, "one channel, one page");
    let device = bench.device(Protocol::Http2);
    for (url, expected) in [(&newer.page_url, &newer), (&older.build_url, &older), (&newer.build_url, &newer)]
    {
        let page = device.open_page(url).await.expect("a page");
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert_eq!(installed.sha256, expected.sha256, "{url}");
    }
    assert_eq!(bench.publish(&newer_bytes).outcome, "nothing-new");
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_started_install_outlives_a_restart() {
    let bench = Bench::start();
    let bytes = package(1, 500_000).build();
    let published = bench.publish(&bytes);
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&published.page_url).await.expect("a page");
    let folder = bench.end();
    let server = folder.start().expect("a server that starts again");
    let device = Device::iphone(&folder.root_pem(), Protocol::Http2).expect("the same root");
    let installed = device.tap(&page, &Download::Whole).await.expect("an install by a page from before");
    assert!(installed.package == bytes);
    assert_eq!(server.stop().code, Some(0));
}

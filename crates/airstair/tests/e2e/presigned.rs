//! A server whose packages are fetched from the bucket itself.

use e2e::{Certificates, Download, Ended, ObjectStorage, Protocol, Quirk, ServerFolder};

use crate::bench::{BINARY, Bench, package};

const SIZE: u64 = 1 << 18;
const WEEK_SECONDS: u64 = 7 * 24 * 60 * 60;

/// A server and storage with certificates by one authority, which devices trust.
fn folder(storage: &ObjectStorage, certificates: &Certificates, delivery: &str) -> ServerFolder {
    ServerFolder::new(BINARY.as_ref())
        .with_certificates(certificates)
        .with_bucket(storage)
        .with_environment("AIRSTAIR_STORAGE_ROOTS", &certificates.root().to_string_lossy())
        .with_environment("AIRSTAIR_STORAGE_DELIVERY", delivery)
}

async fn secured(certificates: &Certificates, quirk: Quirk) -> ObjectStorage {
    ObjectStorage::start_secured(certificates, quirk).await.expect("storage")
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_install_straight_from_the_bucket() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let certificates = Certificates::write(place.path());
    for (quirk, delivery) in [(Quirk::None, "presigned-without-size"), (Quirk::AnswersHead, "presigned")] {
        let storage = secured(&certificates, quirk).await;
        let bench = Bench::on(folder(&storage, &certificates, delivery));
        let bytes = package(1, SIZE).build();
        let published = bench.publish(&bytes);
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let device = bench.device(protocol);
            let device = if quirk == Quirk::None { device.without_need_of_size() } else { device };
            let page = device.open_page(&published.page_url).await.expect("a page");
            for download in [Download::Whole, Download::CutAfter(vec![SIZE / 3, SIZE / 2])] {
                let installed = device.tap(&page, &download).await.expect("an install");
                assert!(installed.package == bytes, "{protocol:?}, {download:?}: other bytes");
                assert!(installed.package_url.starts_with(storage.endpoint()), "{}", installed.package_url);
                let announced = (quirk == Quirk::AnswersHead).then_some(bytes.len() as u64);
                assert_eq!(installed.announced_bytes, announced);
                let lasts = lasts_seconds(&installed.package_url);
                assert!((WEEK_SECONDS - 60..=WEEK_SECONDS).contains(&lasts), "{lasts} s");
            }
        }
        // Whoever has an address keeps it; nobody gets another.
        let device = bench.device(Protocol::Http2).without_need_of_size();
        let page = device.open_page(&published.page_url).await.expect("a page");
        let before = device.tap(&page, &Download::Whole).await.expect("an install");
        let slug = published.page_url.rsplit('/').next().expect("a slug");
        bench.folder.admin(&["channel", "delete", slug]).fine().expect("a channel to close");
        assert!(device.open_page(&published.page_url).await.is_err(), "the link is closed");
        let kept = device.browse(&before.package_url).await.expect("an answer");
        assert_eq!(kept.status, 200);
        let ended = bench.server.stop();
        assert!(ended.stderr.contains("storage_delivery is experimental"), "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_can_t_serve_devices_keeps_the_server_from_starting() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let certificates = Certificates::write(place.path());
    let (good, whole) =
        (secured(&certificates, Quirk::None).await, secured(&certificates, Quirk::IgnoresRanges).await);
    let plain = ObjectStorage::start().await.expect("storage");
    let key = place.path().join("credentials");
    let (id, secret) = (ObjectStorage::KEY_ID, ObjectStorage::SECRET);
    let lent = format!(
        "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = lent\n"
    );
    std::fs::write(&key, lent).expect("room for a file");
    let lent = ServerFolder::new(BINARY.as_ref())
        .with_certificates(&certificates)
        .with_environment("AIRSTAIR_STORAGE", &format!("s3://{}", ObjectStorage::BUCKET))
        .with_environment("AIRSTAIR_STORAGE_ENDPOINT", good.endpoint())
        .with_environment("AIRSTAIR_STORAGE_ROOTS", &certificates.root().to_string_lossy())
        .with_environment("AIRSTAIR_STORAGE_DELIVERY", "presigned-without-size")
        .with_environment("AIRSTAIR_STORAGE_CREDENTIALS_FILE", &key.to_string_lossy());
    for (folder, words, help) in [
        (folder(&good, &certificates, "presigned"), "a device would show no size", "presigned-without-size"),
        (
            folder(&whole, &certificates, "presigned-without-size"),
            "GET of a range",
            "leave storage_delivery out",
        ),
        (
            folder(&plain, &certificates, "presigned-without-size"),
            "by https alone",
            "leave storage_delivery out",
        ),
        (lent, "the key to the storage is lent", "leave storage_delivery out"),
    ] {
        let started = folder.start().expect_err("a server that nobody could install from");
        let checked = folder.run(&["serve", "--check", "--public-url", folder.public_url()]);
        for ended in [started, checked] {
            let Ended { code, stderr, .. } = &ended;
            assert_eq!(*code, Some(3), "{ended}");
            assert!(stderr.contains(words) && stderr.contains(help), "{words}: {ended}");
            assert!(!stderr.contains("X-Amz-Signature"), "an address is a secret: {ended}");
        }
    }
}

/// How long an address was signed for.
fn lasts_seconds(url: &str) -> u64 {
    let (_, rest) = url.split_once("X-Amz-Expires=").expect("a presigned address");
    rest.split('&').next().and_then(|seconds| seconds.parse().ok()).expect("seconds")
}

//! Where the key to a bucket comes from, and how the bucket is named.

use e2e::{Download, Ended, KeyService, ObjectStorage, Protocol, ServerFolder, free_port};

use crate::bench::{BINARY, Bench, package};

/// A folder that names the bucket, and says nothing of a key.
fn without_key(storage: &ObjectStorage) -> ServerFolder {
    ServerFolder::new(BINARY.as_ref())
        .with_environment("AIRSTAIR_STORAGE", &format!("s3://{}", ObjectStorage::BUCKET))
        .with_environment("AIRSTAIR_STORAGE_ENDPOINT", storage.endpoint())
}

fn install(folder: ServerFolder) -> impl Future<Output = ()> {
    let bench = Bench::on(folder);
    let bytes = package(1, 1 << 16).build();
    let published = bench.publish(&bytes);
    async move {
        let device = bench.device(Protocol::Http2);
        let page = device.open_page(&published.page_url).await.expect("a page");
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert!(installed.package == bytes, "other bytes");
        bench.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_from_a_file_the_environment_the_machine_or_the_container() {
    let keys = KeyService::start().await.expect("a service that lends keys");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (id, secret) = (ObjectStorage::KEY_ID, ObjectStorage::SECRET);
    let file = folder.path().join("credentials");
    let content = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    std::fs::write(&file, content).expect("room for a file");
    let token = folder.path().join("token");
    std::fs::write(&token, KeyService::CONTAINER_TOKEN).expect("room for a file");
    let (file, token) = (file.to_string_lossy(), token.to_string_lossy());
    let lent = KeyService::SESSION_TOKEN;
    for (variables, session) in [
        (vec![("AIRSTAIR_STORAGE_CREDENTIALS_FILE", &*file)], ""),
        (vec![("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)], ""),
        (
            vec![("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", lent)],
            lent,
        ),
        (vec![("AWS_METADATA_ENDPOINT", keys.machine_url())], lent),
        (
            vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*keys.container_url()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &*token),
            ],
            lent,
        ),
    ] {
        let storage = ObjectStorage::start().await.expect("storage");
        let folder = without_key(&storage);
        let folder =
            variables.iter().fold(folder, |folder, (name, value)| folder.with_environment(name, value));
        install(folder).await;
        let seen = storage.seen();
        assert!(!seen.is_empty());
        for request in seen {
            assert!(request.header("authorization").contains(&format!("Credential={id}/")), "{request:?}");
            assert_eq!(request.header("x-amz-security-token"), session, "{variables:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_lends_no_key_is_told_of() {
    let storage = ObjectStorage::start().await.expect("storage");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let ended = refused(&without_key(&storage).with_environment("AWS_METADATA_ENDPOINT", &nobody));
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("no key is set"), "{ended}");
    assert_eq!(storage.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_named_in_the_host_when_that_is_asked_for() {
    let storage = ObjectStorage::start().await.expect("storage");
    // No resolver knows the bucket's host, so a proxy is asked: the storage itself.
    let folder = ServerFolder::new(BINARY.as_ref())
        .with_bucket(&storage)
        .with_environment("AIRSTAIR_STORAGE_ADDRESSING", "virtual-host")
        .with_environment("AIRSTAIR_STORAGE_ENDPOINT", "http://localhost:3900")
        .with_environment("http_proxy", storage.endpoint());
    install(folder).await;
    assert!(storage.object("blobs").is_dir(), "the host named the bucket");
    for request in storage.seen() {
        assert_eq!(request.host, format!("{}.localhost:3900", ObjectStorage::BUCKET), "{request:?}");
        assert!(!request.target.contains(ObjectStorage::BUCKET), "{request:?}");
    }

    let at_an_address = ServerFolder::new(BINARY.as_ref())
        .with_bucket(&storage)
        .with_environment("AIRSTAIR_STORAGE_ADDRESSING", "virtual-host");
    let ended = refused(&at_an_address);
    assert_eq!(ended.code, Some(2), "{ended}");
    let check = at_an_address.run(&["serve", "--check", "--public-url", "https://apps.example.com"]);
    assert_eq!(check.code, Some(2), "{check}");
    for words in [ended.stderr, check.stderr] {
        assert!(words.contains("can't have the bucket's name before it"), "{words}");
    }
}

fn refused(folder: &ServerFolder) -> Ended {
    folder.start().expect_err("a server without its bucket")
}

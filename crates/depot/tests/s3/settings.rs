//! What the settings make of requests, as the storage sees them.

use depot::contract::sample_bytes;
use depot::{BlobKey, Depot, S3, S3Addressing, S3Credentials, S3Encryption, S3Settings, S3SettingsError};
use e2e::{Certificates, ObjectStorage, Quirk, SeenRequest};
use http::Method;
use uuid::Uuid;

use crate::{TWO_PARTS, bucket_of, started};

/// Writes blobs of these sizes, and looks for them.
async fn store(settings: &S3Settings, sizes: &[usize]) {
    let depot = S3::new(settings).unwrap();
    for size in sizes.iter().copied() {
        let key = BlobKey::new(Uuid::now_v7());
        let mut writer = depot.create(key).await.unwrap();
        writer.write(sample_bytes(size).into()).await.unwrap();
        assert_eq!(writer.finish().await.unwrap().size_bytes, size as u64);
        assert_eq!(depot.open(key).await.unwrap().size_bytes(), size as u64);
    }
}

/// The requests that begin an object: one for each small one, one for each upload in parts.
fn beginnings(storage: &ObjectStorage) -> Vec<SeenRequest> {
    let begins = |request: &SeenRequest| {
        let in_parts = request.method == Method::POST && request.target.contains("?uploads");
        in_parts || (request.method == Method::PUT && !request.target.contains("partNumber="))
    };
    storage.seen().into_iter().filter(begins).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_with_a_private_authority_needs_its_root() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path());
    let storage = ObjectStorage::start_secured(&certificates, Quirk::None).await.unwrap();
    let mut settings = bucket_of(&storage);
    settings.roots_pem = Some(std::fs::read(certificates.root()).unwrap());
    store(&settings, &[7, TWO_PARTS]).await;

    settings.roots_pem = None;
    let before = storage.seen().len();
    let error = S3::new(&settings).unwrap().check().await.unwrap_err();
    assert!(words(&error).contains("UnknownIssuer"), "{}", words(&error));
    assert_eq!(storage.seen().len(), before, "nothing is said to a server that is not trusted");

    settings.roots_pem = Some(b"-----BEGIN CERTIFICATE-----\nbm90\n-----END CERTIFICATE-----\n".to_vec());
    assert!(matches!(S3::new(&settings), Err(S3SettingsError::Roots(_) | S3SettingsError::Other(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_encrypted_as_was_said_and_named_as_devices_expect() {
    for (encryption, algorithm, key, sizes) in [
        (S3Encryption::Unsaid, "", "", &[7][..]),
        (S3Encryption::StorageKeys, "AES256", "", &[7]),
        (S3Encryption::ManagedKey { key_id: None }, "aws:kms", "", &[7]),
        (S3Encryption::ManagedKey { key_id: Some("apps".to_owned()) }, "aws:kms", "apps", &[7, TWO_PARTS]),
    ] {
        let storage = started().await;
        store(&S3Settings { encryption, ..bucket_of(&storage) }, sizes).await;
        let begun = beginnings(&storage);
        assert_eq!(begun.len(), if sizes.contains(&TWO_PARTS) { 3 } else { 1 }, "{begun:?}");
        for request in begun {
            assert_eq!(request.header("x-amz-server-side-encryption"), algorithm, "{request:?}");
            assert_eq!(request.header("x-amz-server-side-encryption-aws-kms-key-id"), key, "{request:?}");
            assert_eq!(request.header("content-type"), "application/octet-stream", "{request:?}");
        }
        // Storage refuses the header on parts.
        for request in storage.seen().iter().filter(|request| request.target.contains("partNumber=")) {
            assert_eq!(request.header("x-amz-server-side-encryption"), "", "{request:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_signed_for_the_region_that_was_said() {
    let storage = started().await;
    for (region, expected) in [(None, "us-east-1"), (Some("eu-central-1".to_owned()), "eu-central-1")] {
        let before = storage.seen().len();
        S3::new(&S3Settings { region, ..bucket_of(&storage) }).unwrap().check().await.unwrap();
        for request in &storage.seen()[before..] {
            let signed = request.header("authorization");
            assert!(signed.contains(&format!("/{expected}/s3/aws4_request")), "{request:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_lent_shows_its_session_on_every_request() {
    let storage = started().await;
    let mut settings = bucket_of(&storage);
    settings.credentials = S3Credentials::Key {
        id: ObjectStorage::KEY_ID.to_owned(),
        secret: ObjectStorage::SECRET.to_owned(),
        session_token: Some("lent".to_owned()),
    };
    store(&settings, &[7, TWO_PARTS]).await;
    for request in storage.seen() {
        assert_eq!(request.header("x-amz-security-token"), "lent", "{request:?}");
        assert!(request.header("authorization").contains("x-amz-security-token"), "signed: {request:?}");
    }
}

#[test]
fn a_bucket_is_not_named_before_an_address() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for (endpoint, fine) in [
        ("https://s3.example.com", true),
        ("http://s3.example.com:3900", true),
        ("http://127.0.0.1:3900", false),
        ("http://[::1]:3900", false),
    ] {
        let mut settings = S3Settings::new("apps");
        settings.endpoint = Some(endpoint.parse().unwrap());
        settings.addressing = S3Addressing::VirtualHost;
        match S3::new(&settings) {
            Ok(_) => assert!(fine, "{endpoint}"),
            Err(S3SettingsError::Host { .. }) => assert!(!fine, "{endpoint}"),
            Err(other) => unreachable!("{endpoint}: {other:?}"),
        }
    }
}

/// An error and all its causes.
fn words(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

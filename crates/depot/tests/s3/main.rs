//! The depot on S3-compatible storage: a real server of the protocol, in this process.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

mod garage;
mod grants;
mod presigned;
mod settings;

use bytes::Bytes;
use depot::contract::{depot_contract, read_range, sample_bytes};
use depot::{BlobKey, Depot, DepotError, S3, S3Credentials, S3Settings};
use e2e::ObjectStorage;
use time::UtcDateTime;
use uuid::Uuid;

/// The least that has two parts.
const TWO_PARTS: usize = 8 * 1024 * 1024 + 1;

/// More than two parts, and no multiple of one.
const MANY_PARTS: usize = 20 * 1024 * 1024 + 7;

async fn started() -> ObjectStorage {
    // Another test of this process may have done it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ObjectStorage::start().await.unwrap()
}

fn bucket_of(storage: &ObjectStorage) -> S3Settings {
    S3Settings {
        endpoint: Some(storage.endpoint().parse().unwrap()),
        credentials: S3Credentials::Key {
            id: ObjectStorage::KEY_ID.to_owned(),
            secret: ObjectStorage::SECRET.to_owned(),
            session_token: None,
        },
        ..S3Settings::new(ObjectStorage::BUCKET)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_the_contract_of_depots() {
    let storage = started().await;
    depot_contract(&S3::new(&bucket_of(&storage)).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_keeps_the_contract_too_and_stays_within_itself() {
    let storage = started().await;
    let mut settings = bucket_of(&storage);
    settings.prefix = "apps/airstair".to_owned();
    let depot = S3::new(&settings).unwrap();
    depot_contract(&depot).await;
    let key = BlobKey::new(Uuid::now_v7());
    depot.create(key).await.unwrap().finish().await.unwrap();
    assert!(storage.object(&format!("apps/airstair/blobs/{key}")).is_file());
    let other = S3::new(&bucket_of(&storage)).unwrap();
    assert_eq!(other.list(None, 10).await.unwrap(), [], "another prefix has its own blobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_blob_comes_in_parts_and_leaves_no_note() {
    let storage = started().await;
    let depot = S3::new(&bucket_of(&storage)).unwrap();
    let bytes = Bytes::from(sample_bytes(MANY_PARTS));
    let key = BlobKey::new(Uuid::now_v7());
    let mut writer = depot.create(key).await.unwrap();
    let mut rest = bytes.clone();
    while !rest.is_empty() {
        writer.write(rest.split_to(rest.len().min(100_003))).await.unwrap();
    }
    let stored = writer.finish().await.unwrap();
    assert_eq!(stored.size_bytes, MANY_PARTS as u64);
    assert_eq!(stored.sha256, ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref());
    let blob = depot.open(key).await.unwrap();
    assert!(read_range(&blob, 0..MANY_PARTS as u64).await == bytes);
    assert!(!storage.object(&format!("incoming/{key}")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_read_from_its_copy_without_asking_the_storage() {
    let storage = started().await;
    let folder = tempfile::tempdir().unwrap();
    let copies = Some(folder.path().to_owned());
    let depot = S3::new(&S3Settings { copies, ..bucket_of(&storage) }).unwrap();
    for size in [0, 1, TWO_PARTS] {
        let bytes = sample_bytes(size);
        let mut writer = depot.create(BlobKey::new(Uuid::now_v7())).await.unwrap();
        writer.write(bytes.clone().into()).await.unwrap();
        let stored = writer.finish().await.unwrap();
        let asked = storage.seen().len();
        let copy = stored.copy.expect("there is room");
        let mut read = vec![0; size];
        copy.read_exact_at(0, &mut read).unwrap();
        assert!(read == bytes && copy.len() == size as u64, "{size} bytes");
        assert_eq!(storage.seen().len(), asked, "{size} bytes");
    }
    assert!(folder.path().read_dir().unwrap().next().is_none(), "copies have no names");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_copy_can_be_made_the_upload_is_stored_all_the_same() {
    let storage = started().await;
    let copies = Some("/nowhere/at/all".into());
    let depot = S3::new(&S3Settings { copies, ..bucket_of(&storage) }).unwrap();
    let mut writer = depot.create(BlobKey::new(Uuid::now_v7())).await.unwrap();
    writer.write(sample_bytes(TWO_PARTS).into()).await.unwrap();
    let stored = writer.finish().await.unwrap();
    assert_eq!(stored.size_bytes, TWO_PARTS as u64);
    assert!(stored.copy.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_server_left_is_swept_when_it_is_old_enough() {
    let storage = started().await;
    let depot = S3::new(&bucket_of(&storage)).unwrap();
    let key = BlobKey::new(Uuid::now_v7());
    let mut writer = depot.create(key).await.unwrap();
    writer.write(sample_bytes(MANY_PARTS).into()).await.unwrap();
    // As a kill would: nobody tidies up.
    std::mem::forget(writer);
    let note = storage.object(&format!("incoming/{key}"));
    assert!(note.is_file());
    assert_eq!(depot.sweep(UtcDateTime::UNIX_EPOCH).await.unwrap().count, 0, "nothing is that old");
    assert!(note.is_file());
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 1);
    assert!(!note.exists());
    assert!(matches!(depot.open(key).await, Err(DepotError::NotFound(_))));
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_outlived_its_upload_costs_no_blob() {
    let storage = started().await;
    let depot = S3::new(&bucket_of(&storage)).unwrap();
    let key = BlobKey::new(Uuid::now_v7());
    let mut writer = depot.create(key).await.unwrap();
    writer.write(sample_bytes(MANY_PARTS).into()).await.unwrap();
    let note = storage.object(&format!("incoming/{key}"));
    let said = std::fs::read(&note).unwrap();
    writer.finish().await.unwrap();
    // The server died after the last part was joined and before the note was removed.
    std::fs::write(&note, said).unwrap();
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 0, "nothing was unfinished");
    assert!(!note.exists());
    assert_eq!(depot.open(key).await.unwrap().size_bytes(), MANY_PARTS as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_apart_from_missing_blobs() {
    let storage = started().await;
    let mut settings = bucket_of(&storage);
    settings.credentials = S3Credentials::Key {
        id: ObjectStorage::KEY_ID.to_owned(),
        secret: "not-the-secret".to_owned(),
        session_token: None,
    };
    let depot = S3::new(&settings).unwrap();
    let error = depot.check().await.unwrap_err();
    assert!(matches!(error, DepotError::Refused(..)), "{error:?}");
    let shown = format!("{settings:?}");
    assert!(!shown.contains("not-the-secret"), "{shown}");
}

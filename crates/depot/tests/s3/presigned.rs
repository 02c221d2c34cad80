//! Addresses at which devices fetch from the storage itself, and whether they could.

use std::time::Duration;

use depot::contract::sample_bytes;
use depot::{BlobKey, Depot, Disk, PresignedError, S3, S3Credentials, S3Delivery, S3Settings};
use e2e::{Certificates, ObjectStorage, Quirk, trusting};
use uuid::Uuid;

use crate::{bucket_of, started};

const WEEK: Duration = Duration::from_hours(7 * 24);

/// Storage that devices could reach, and the settings for it.
struct Secured {
    storage: ObjectStorage,
    root_pem: String,
    settings: S3Settings,
}

async fn secured(quirk: Quirk, delivery: S3Delivery) -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::write(folder.path());
    let storage = ObjectStorage::start_secured(&certificates, quirk).await.unwrap();
    let root_pem = std::fs::read_to_string(certificates.root()).unwrap();
    let trusted = Some(root_pem.clone().into_bytes());
    let settings = S3Settings { roots_pem: trusted, delivery, ..bucket_of(&storage) };
    Secured { storage, root_pem, settings }
}

async fn probe(settings: &S3Settings, lasts: Duration) -> Result<(), PresignedError> {
    S3::new(settings).unwrap().probe_presigned(lasts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_lets_anybody_fetch_one_blob() {
    let Secured { storage, root_pem, settings } =
        secured(Quirk::None, S3Delivery::PresignedWithoutSize).await;
    let depot = S3::new(&settings).unwrap();
    let key = BlobKey::new(Uuid::now_v7());
    let mut writer = depot.create(key).await.unwrap();
    writer.write(sample_bytes(1_000).into()).await.unwrap();
    writer.finish().await.unwrap();
    let url = depot.presigned(key, WEEK).await.unwrap().unwrap();
    assert!(url.as_str().starts_with(storage.endpoint()), "{url}");
    let anybody = trusting(&root_pem).unwrap().build().unwrap();
    let answer = anybody.get(url.clone()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    assert!(answer.bytes().await.unwrap() == sample_bytes(1_000));

    let other = BlobKey::new(Uuid::now_v7());
    let mut there = url.clone();
    there.set_path(&url.path().replace(&key.to_string(), &other.to_string()));
    assert!(!anybody.get(there).send().await.unwrap().status().is_success(), "signed for one blob alone");

    let through = S3Settings { delivery: S3Delivery::Through, ..settings };
    assert_eq!(S3::new(&through).unwrap().presigned(key, WEEK).await.unwrap(), None);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Disk::open(folder.path()).unwrap().presigned(key, WEEK).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_is_tried_as_a_device_would() {
    use S3Delivery::{Presigned, PresignedWithoutSize};
    for (quirk, delivery, expected) in [
        (Quirk::AnswersHead, Presigned, None),
        (Quirk::AnswersHead, PresignedWithoutSize, None),
        (Quirk::None, PresignedWithoutSize, None),
        (Quirk::None, Presigned, Some("answers 403 Forbidden to HEAD")),
        (Quirk::IgnoresRanges, PresignedWithoutSize, Some("GET of a range")),
    ] {
        let Secured { storage, settings, .. } = secured(quirk, delivery).await;
        let told = probe(&settings, WEEK).await.err().map(|error| error.to_string());
        match expected {
            None => assert_eq!(told, None, "{quirk:?}, {delivery:?}"),
            Some(words) => {
                assert!(told.as_ref().unwrap().contains(words), "{quirk:?}, {delivery:?}: {told:?}");
            }
        }
        let left = std::fs::read_dir(storage.object("")).unwrap().count();
        assert_eq!(left, 0, "what was stored for it is gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_not_last_or_not_be_fetched_is_refused_before_anything_is_stored() {
    let Secured { storage, settings, .. } = secured(Quirk::None, S3Delivery::PresignedWithoutSize).await;
    let error = probe(&settings, WEEK + Duration::from_hours(24)).await.unwrap_err();
    assert!(matches!(error, PresignedError::TooLong { longest: 7, days: 8 }), "{error:?}");

    let (id, secret) = (ObjectStorage::KEY_ID.to_owned(), ObjectStorage::SECRET.to_owned());
    let credentials = S3Credentials::Key { id, secret, session_token: Some("lent".to_owned()) };
    let error = probe(&S3Settings { credentials, ..settings }, WEEK).await.unwrap_err();
    assert!(matches!(error, PresignedError::Lent { days: 7 }), "{error:?}");
    assert_eq!(storage.seen().len(), 0);

    let plain = started().await;
    let settings = S3Settings { delivery: S3Delivery::PresignedWithoutSize, ..bucket_of(&plain) };
    let error = probe(&settings, WEEK).await.unwrap_err();
    assert!(matches!(error, PresignedError::NotHttps { .. }), "{error:?}");
    assert_eq!(plain.seen().len(), 0);
}

//! The same on Garage, which many run at home: it ignores conditions, knows one region and is strict about signatures.

use depot::contract::{depot_contract, read_range, sample_bytes};
use depot::{BlobKey, Depot, PresignedError, S3, S3Credentials, S3Delivery, S3Settings};
use e2e::Garage;
use time::UtcDateTime;
use uuid::Uuid;

use crate::MANY_PARTS;

fn bucket_of(garage: &Garage) -> S3Settings {
    S3Settings {
        endpoint: Some(garage.endpoint().parse().unwrap()),
        region: Some(Garage::REGION.to_owned()),
        credentials: S3Credentials::Key {
            id: Garage::KEY_ID.to_owned(),
            secret: Garage::SECRET.to_owned(),
            session_token: None,
        },
        ..S3Settings::new(Garage::BUCKET)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garage_keeps_the_contract_of_depots() {
    let Some(garage) = Garage::start().unwrap() else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = bucket_of(&garage);
    let depot = S3::new(&settings).unwrap();
    depot.check().await.unwrap();
    depot_contract(&depot).await;

    let bytes = sample_bytes(MANY_PARTS);
    let (whole, cut_off) = (BlobKey::new(Uuid::now_v7()), BlobKey::new(Uuid::now_v7()));
    let mut writer = depot.create(whole).await.unwrap();
    writer.write(bytes.clone().into()).await.unwrap();
    writer.finish().await.unwrap();
    let blob = depot.open(whole).await.unwrap();
    assert!(read_range(&blob, 7..MANY_PARTS as u64).await == bytes[7..]);

    let mut writer = depot.create(cut_off).await.unwrap();
    writer.write(bytes.into()).await.unwrap();
    // As a kill would: nobody tidies up.
    std::mem::forget(writer);
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 1);
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 0);

    let elsewhere = S3Settings { region: Some("us-east-1".to_owned()), ..settings.clone() };
    S3::new(&elsewhere).unwrap().check().await.unwrap_err();
    let presigned = S3Settings { delivery: S3Delivery::Presigned, ..settings };
    let error = S3::new(&presigned).unwrap().probe_presigned(std::time::Duration::from_hours(1)).await;
    assert!(matches!(error, Err(PresignedError::NotHttps { .. })), "{error:?}");
}

//! What happens to the depot on S3-compatible storage when that misbehaves: wrong answers, none, half ones.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::error::Error as _;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use depot::contract::{read_range, sample_bytes};
use depot::{BlobKey, Depot, DepotError, S3, S3Credentials, S3Settings};
use e2e::{FaultyStorage, ObjectStorage, REPEATED_BY_STORAGE, StorageFault, StorageRequest};
use futures_core::Stream as _;
use time::UtcDateTime;
use uuid::Uuid;

/// More than a part, and no multiple of one.
const TWO_PARTS: usize = 9 * 1024 * 1024 + 7;

const FAILING: [StorageFault; 5] = [
    StorageFault::INTERNAL_ERROR,
    StorageFault::SLOW_DOWN,
    StorageFault::Silence,
    StorageFault::Reset,
    StorageFault::LostAnswer,
];
const REFUSING: [StorageFault; 3] =
    [StorageFault::ACCESS_DENIED, StorageFault::WRONG_SIGNATURE, StorageFault::UNKNOWN_KEY];

struct Bench {
    faulty: FaultyStorage,
    depot: S3,
    storage: ObjectStorage,
}

impl Bench {
    async fn start() -> Self {
        // Another test of this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let storage = ObjectStorage::start().await.unwrap();
        let faulty = FaultyStorage::before(&storage).await.unwrap();
        let depot = S3::new(&S3Settings {
            endpoint: Some(faulty.endpoint().parse().unwrap()),
            credentials: S3Credentials::Key {
                id: ObjectStorage::KEY_ID.to_owned(),
                secret: ObjectStorage::SECRET.to_owned(),
                session_token: None,
            },
            patience: Duration::from_millis(300),
            ..S3Settings::new(ObjectStorage::BUCKET)
        })
        .unwrap();
        Self { faulty, depot, storage }
    }

    async fn store(&self, bytes: &[u8]) -> Result<BlobKey, DepotError> {
        let key = BlobKey::new(Uuid::now_v7());
        let mut writer = self.depot.create(key).await?;
        let mut rest = Bytes::copy_from_slice(bytes);
        while !rest.is_empty() {
            writer.write(rest.split_to(rest.len().min(1 << 20))).await?;
        }
        writer.finish().await?;
        Ok(key)
    }

    async fn is_whole(&self, key: BlobKey, bytes: &[u8]) {
        let blob = self.depot.open(key).await.unwrap();
        assert!(read_range(&blob, 0..bytes.len() as u64).await == bytes);
    }
}

/// The variant, and the words an operator reads.
fn told(error: &DepotError) -> (&'static str, String) {
    let variant = match error {
        DepotError::Unavailable(..) => "unavailable",
        DepotError::Refused(..) => "refused",
        DepotError::Lost(..) => "lost",
        _ => "other",
    };
    (variant, format!("{error}: {}", error.source().map_or_else(String::new, ToString::to_string)))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_name_its_words_and_an_end() {
    let bench = Bench::start().await;
    let kept = bench.store(b"from better days").await.unwrap();
    for (faults, expected) in [(&FAILING[..], "unavailable"), (&REFUSING[..], "refused")] {
        for fault in faults {
            bench.faulty.break_down(StorageRequest::Any, *fault);
            for (what, result) in [
                ("open", bench.depot.open(kept).await.map(drop)),
                ("list", bench.depot.list(None, 10).await.map(drop)),
                ("create", bench.store(b"small").await.map(drop)),
                ("check", bench.depot.check().await),
            ] {
                let error = result.expect_err(what);
                let (variant, words) = told(&error);
                assert_eq!(variant, expected, "{what}, {fault:?}: {words}");
                if let StorageFault::Answer(status, code) = fault {
                    // An answer to HEAD has no body, so no code.
                    let is_told = words.contains(code) || ["open", "create"].contains(&what);
                    assert!(words.contains(status.as_str()) && is_told, "{what}: {words}");
                }
                assert!(!words.contains(REPEATED_BY_STORAGE), "{what}: {words}");
            }
            bench.faulty.heal();
            bench.is_whole(kept, b"from better days").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_fails_at_any_request_leaves_nothing_and_the_next_one_works() {
    use StorageRequest::{BeginUpload, CompleteUpload, Head, Part, Put};
    let bench = Bench::start().await;
    let bytes = sample_bytes(TWO_PARTS);
    for (request, fault, expected) in [
        (Head, StorageFault::SLOW_DOWN, "unavailable"),
        (BeginUpload, StorageFault::ACCESS_DENIED, "refused"),
        (Put, StorageFault::INTERNAL_ERROR, "unavailable"),
        (Part, StorageFault::INTERNAL_ERROR, "unavailable"),
        (Part, StorageFault::NO_SUCH_UPLOAD, "lost"),
        (Part, StorageFault::Silence, "unavailable"),
        (CompleteUpload, StorageFault::NO_SUCH_UPLOAD, "lost"),
        (CompleteUpload, StorageFault::SLOW_DOWN, "unavailable"),
    ] {
        bench.faulty.break_down(request, fault);
        let error = bench.store(&bytes).await.expect_err("an upload that fails");
        let (variant, words) = told(&error);
        assert_eq!(variant, expected, "{request:?}, {fault:?}: {words}");
        bench.faulty.heal();
        assert_eq!(bench.depot.list(None, 10).await.unwrap(), [], "{request:?}, {fault:?}: nothing is there");
    }
    let key = bench.store(&bytes).await.unwrap();
    bench.is_whole(key, &bytes).await;
    bench.depot.sweep(UtcDateTime::MAX).await.unwrap();
    assert_eq!(bench.depot.list(None, 10).await.unwrap().len(), 1, "one blob, that of the last upload");
    assert_eq!(std::fs::read_dir(bench.storage.object("incoming")).map_or(0, Iterator::count), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_soon_is_noticed_by_nobody() {
    use StorageRequest::{Any, CompleteUpload, Part};
    let bench = Bench::start().await;
    let bytes = sample_bytes(TWO_PARTS);
    for (times, request, fault) in [
        (1, Any, StorageFault::SLOW_DOWN),
        (1, Part, StorageFault::Reset),
        (1, Part, StorageFault::INTERNAL_ERROR),
        (1, Part, StorageFault::LostAnswer),
        (u64::MAX, CompleteUpload, StorageFault::LostAnswer),
    ] {
        bench.faulty.break_down_for(times, request, fault);
        let key = bench.store(&bytes).await.unwrap_or_else(|error| {
            unreachable!("{request:?}, {fault:?}: {:?}", told(&error));
        });
        bench.faulty.heal();
        bench.is_whole(key, &bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_gone_on_with_where_it_ended() {
    let bench = Bench::start().await;
    let bytes = sample_bytes(3_000_001);
    let key = bench.store(&bytes).await.unwrap();
    for fault in [StorageFault::CutAfter(400_000), StorageFault::StallAfter(400_000)] {
        let before = bench.faulty.met();
        // Each answer brings a part, so there is no end to trying; longer, too, than one request is tried for.
        bench.faulty.break_down(StorageRequest::Get, fault);
        bench.is_whole(key, &bytes).await;
        assert!(bench.faulty.met() - before >= 7, "{fault:?}");
        bench.faulty.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_stays_away_ends_the_stream_with_an_error_and_not_as_if_it_were_whole() {
    let bench = Bench::start().await;
    let bytes = sample_bytes(3_000_001);
    let key = bench.store(&bytes).await.unwrap();
    let blob = bench.depot.open(key).await.unwrap();
    for fault in [
        StorageFault::INTERNAL_ERROR,
        StorageFault::Silence,
        StorageFault::CutAfter(0),
        StorageFault::StallAfter(0),
        StorageFault::ACCESS_DENIED,
    ] {
        bench.faulty.break_down_for(1, StorageRequest::Get, StorageFault::CutAfter(400_000));
        bench.faulty.break_down(StorageRequest::Get, fault);
        let mut stream = blob.stream(0..bytes.len() as u64).unwrap();
        let mut came = 0;
        let error = loop {
            match std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
                Some(Ok(piece)) => came += piece.len(),
                Some(Err(error)) => break error,
                None => unreachable!("{fault:?}: {came} bytes look like all"),
            }
        };
        assert!(came <= 400_000, "{fault:?}: {came}");
        assert!(error.downcast::<DepotError>().is_ok(), "{fault:?}");
        bench.faulty.heal();
    }
    bench.is_whole(key, &bytes).await;
}

//! Packages in a depot that each read of asks another machine, where there was no room for a copy.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Actor, Name, Timestamp, TokenReach, TokenScope};
use catalog_sqlite::SqliteCatalog;
use depot::{Blob, BlobKey, BlobWriter, Depot, DepotError, Disk, ListedBlob, Swept};
use distribution::{
    Clock, Distribution, NewToken, Policy, PublishError, PublishRequest, Published, SecretKey,
};
use ipa::{BlockCache, ReadAt};
use testkit::app::AppPackage;
use time::UtcDateTime;
use url::Url;

/// A folder that is far away.
struct FarDisk {
    disk: Disk,
    reads: Arc<Reads>,
}

#[derive(Default)]
struct Reads {
    count: AtomicUsize,
    fail: AtomicBool,
}

struct FarReader {
    blob: Arc<dyn ReadAt>,
    reads: Arc<Reads>,
}

impl ReadAt for FarReader {
    fn len(&self) -> u64 {
        self.blob.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads.count.fetch_add(1, Ordering::Relaxed);
        if self.reads.fail.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.blob.read_at(offset, buffer)
    }
}

#[async_trait]
impl Depot for FarDisk {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, DepotError> {
        self.disk.create(key).await
    }

    async fn open(&self, key: BlobKey) -> Result<Blob, DepotError> {
        self.disk.open(key).await
    }

    async fn presigned(&self, key: BlobKey, lasts: Duration) -> Result<Option<Url>, DepotError> {
        self.disk.presigned(key, lasts).await
    }

    async fn reader(&self, key: BlobKey) -> Result<Arc<dyn ReadAt>, DepotError> {
        let far = FarReader { blob: self.disk.reader(key).await?, reads: Arc::clone(&self.reads) };
        Ok(Arc::new(BlockCache::new(far)))
    }

    fn is_far(&self) -> bool {
        true
    }

    async fn delete(&self, key: BlobKey) -> Result<(), DepotError> {
        self.disk.delete(key).await
    }

    async fn list(&self, after: Option<BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, DepotError> {
        self.disk.list(after, limit).await
    }

    async fn sweep(&self, before: UtcDateTime) -> Result<Swept, DepotError> {
        self.disk.sweep(before).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, DepotError> {
        self.disk.free_bytes().await
    }

    async fn check(&self) -> Result<(), DepotError> {
        self.disk.check().await
    }
}

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(AppPackage::NOW)
    }
}

async fn publish(distribution: &Distribution, package: &AppPackage) -> Result<Published, PublishError> {
    let new = NewToken {
        name: Name::parse("test").expect("a name"),
        scope: TokenScope::Publish,
        reach: TokenReach::Everything,
        expires_at: None,
    };
    let token = distribution.administration().create_token(new, Actor::Operator).await.expect("a token");
    let caller = distribution.caller(token.secret.reveal()).await.expect("an answer").expect("a caller");
    let mut upload = distribution.begin_upload(&caller, None).await?;
    upload.write(package.build().into()).await?;
    distribution.finish_upload(&caller, upload, &PublishRequest::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_package_is_looked_into_with_few_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.db")).await.expect("a catalog");
    let reads = Arc::new(Reads::default());
    let disk = Disk::open(&folder.path().join("depot")).expect("a depot");
    let depot = FarDisk { disk, reads: Arc::clone(&reads) };
    let mut policy = Policy::new("https://apps.example.com".parse().expect("an address"));
    policy.reserve_bytes = 0;
    let opened = Distribution::open(
        Arc::new(catalog),
        Arc::new(depot),
        Arc::new(StandingClock),
        SecretKey::new(&[7; SecretKey::LEN]),
        policy,
    );
    let distribution = opened.await.expect("a new server");

    // Content that no method makes smaller, so that each file lies in blocks of its own.
    let mut state = 1_u64;
    let mut noise = || {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        (0..150_000).map(|_| next()).collect::<Vec<u8>>()
    };
    let package = (0..30).fold(AppPackage::new("com.example.notes"), |package, number| {
        package.file(&format!("data/{number}.bin"), noise())
    });
    let published = publish(&distribution, &package).await.expect("a build");
    assert_eq!(published.build.build_number.as_str(), "1");
    assert!(published.build.package.size_bytes > 4_000_000, "{}", published.build.package.size_bytes);
    let count = reads.count.load(Ordering::Relaxed);
    assert!(count <= 10, "{count} requests");

    reads.fail.store(true, Ordering::Relaxed);
    let failed = publish(&distribution, &package.build_number("2")).await;
    assert!(matches!(failed, Err(PublishError::Depot(_))), "it is not the package's fault: {failed:?}");
}

//! What must be there after all kills, and what must not.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use catalog::{
    App, Build, Catalog, Channel, JobKind, Lease, LeaseId, Page, PageSize, Position, Release, Slug, Snapshot,
    StoreError, Timestamp,
};
use e2e::{Device, Download, Protocol, sha256_hex};
use time::UtcDateTime;

use super::ground::Ground;
use super::told::Told;
use crate::bench::{Acknowledged, package};

const KINDS: [JobKind; 4] = [
    JobKind::new("collect-garbage"),
    JobKind::new("remove-given-up-jobs"),
    JobKind::new("remove-old-attempts"),
    JobKind::new("remove-old-events"),
];

/// How often a job is begun at most before another one takes its place: less than a server tries.
const TRIES: u32 = 6;

/// How soon after a start what is due is done at the latest.
const DONE_WITHIN: Duration = Duration::from_mins(1);

/// So many of the acknowledged builds are installed, beside the latest; the bytes of all are looked at in the store.
const INSTALLED: usize = 20;

/// All rows that matter here.
struct Rows {
    builds: Vec<Build>,
    channels: Vec<Channel>,
    releases: Vec<Release>,
}

impl Rows {
    async fn read(catalog: &dyn Catalog) -> Result<Self, StoreError> {
        let mut snapshot = catalog.read().await?;
        let mut rows = Self { builds: Vec::new(), channels: Vec::new(), releases: Vec::new() };
        for app in
            every(&mut *snapshot, async |s, at| s.apps().list(at.as_ref(), PageSize::MAX).await).await?
        {
            let App { id, .. } = app;
            rows.builds.extend(
                every(&mut *snapshot, async |s, at| s.builds().list(id, at, PageSize::MAX).await).await?,
            );
            let channels =
                every(&mut *snapshot, async |s, at| s.channels().list(id, at.as_ref(), PageSize::MAX).await)
                    .await?;
            for channel in &channels {
                let list =
                    async |s: &mut dyn Snapshot, at| s.releases().list(channel.id, at, PageSize::MAX).await;
                rows.releases.extend(every(&mut *snapshot, list).await?);
            }
            rows.channels.extend(channels);
        }
        Ok(rows)
    }
}

/// Everything that a list holds.
async fn every<T, C>(
    snapshot: &mut dyn Snapshot,
    list: impl AsyncFn(&mut dyn Snapshot, Option<C>) -> Result<Page<T, C>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let page = list(&mut *snapshot, after).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(items),
        }
    }
}

/// As if the leases of those that died had run out, and the time of everything else that waits had come.
pub(super) async fn make_jobs_due(catalog: &dyn Catalog) {
    let now = now();
    let later = now.saturating_add(Duration::from_hours(24));
    for kind in &KINDS {
        let lease = Lease { id: LeaseId::new(now, [0; 10]), until: now };
        let mut unit = catalog.begin().await.expect("a unit");
        let taken = unit.jobs().take(kind, lease, later).await.expect("jobs");
        // Every node that dies at it adds to the tries, which are not to run out: a server owes another one by itself.
        if let Some(job) = taken.filter(|job| job.tries > TRIES) {
            unit.jobs().finish(job.id, lease.id).await.expect("jobs");
        }
        unit.commit().await.expect("a commit");
    }
}

/// What was due is done, whoever held it when it died, and is owed again.
pub(super) async fn assert_jobs_are_done(catalog: &dyn Catalog) {
    let began = Instant::now();
    loop {
        let mut snapshot = catalog.read().await.expect("a snapshot");
        let waiting = snapshot.jobs().list_waiting(None, PageSize::MAX).await.expect("jobs").items;
        let given_up = snapshot.jobs().list_given_up(None, PageSize::MAX).await.expect("jobs").items;
        assert_eq!(given_up, []);
        let kinds: BTreeSet<_> = waiting.iter().map(|job| job.kind.to_string()).collect();
        assert_eq!(kinds.len(), waiting.len(), "a job waits twice: {waiting:?}");
        assert_eq!(kinds, KINDS.iter().map(ToString::to_string).collect());
        if waiting.iter().all(|job| job.tries == 0 && job.due_at > now()) {
            return;
        }
        assert!(began.elapsed() < DONE_WITHIN, "jobs are not done: {waiting:?}");
        // What failed under load waits for long.
        if waiting.iter().any(|job| job.lease.is_none() && job.tries > 0 && job.due_at > now()) {
            make_jobs_due(catalog).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Devices get the latest of these builds, and some of the others.
pub(super) async fn assert_installs(ground: &Ground, builds: impl IntoIterator<Item = &Acknowledged>) {
    let builds: Vec<_> = builds.into_iter().collect();
    let device = Device::iphone(&ground.entry().root_pem(), Protocol::Http2).expect("a root to trust");
    let step = builds.len().div_ceil(INSTALLED).max(1);
    for build in builds.iter().rev().step_by(step) {
        let page = device.open_page(&build.build_url).await.expect("an acknowledged build's page");
        let installed = device.tap(&page, &Download::Whole).await.expect("an acknowledged build");
        assert_eq!(installed.sha256, build.sha256);
    }
}

/// Every acknowledgement holds, and what was not acknowledged is whole or not there at all.
pub(super) async fn assert_all_told_is_so(ground: &Ground, catalog: &dyn Catalog, told: &Told, kills: u64) {
    let rows = Rows::read(catalog).await.expect("rows");
    assert_builds(ground, &rows, told);
    assert_attempts(catalog, &rows, told).await;
    assert_events(catalog, &rows).await;
    assert_taken_back(ground, catalog, told).await;
    let acknowledged: HashSet<_> = told.builds().into_iter().map(|build| build.sha256).collect();
    let others = rows.builds.len() - acknowledged.len();
    // Four uploads at most are under way at a time, and only of those the answers can be lost.
    assert!(others as u64 <= 4 * kills, "{others} builds that nobody was told of");
}

/// Each build has its bytes and icons, each acknowledged one is there, on the channel it was put on.
fn assert_builds(ground: &Ground, rows: &Rows, told: &Told) {
    let blobs: HashMap<_, _> = ground
        .blobs()
        .into_iter()
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    for build in &rows.builds {
        let package = build.package.blob.expect("no package was let go of");
        let bytes = std::fs::read(&blobs[&package.to_string()]).expect("a blob");
        assert_eq!(bytes.len() as u64, build.package.size_bytes);
        assert_eq!(sha256_hex(&bytes), build.package.sha256.to_string());
        for icon in [build.icons.display_image, build.icons.full_size_image] {
            let icon = std::fs::read(&blobs[&icon.expect("an icon").to_string()]).expect("a blob");
            assert!(icon.starts_with(b"\x89PNG"), "an icon of {}", build.id);
        }
    }
    let slugs: HashMap<_, _> =
        rows.channels.iter().map(|channel| (channel.id, channel.slug.as_str())).collect();
    let digests: HashMap<_, _> =
        rows.builds.iter().map(|build| (build.id, build.package.sha256.to_string())).collect();
    assert_eq!(digests.values().collect::<HashSet<_>>().len(), digests.len(), "a package is two builds");
    let released: HashSet<_> = rows
        .releases
        .iter()
        .map(|release| (slugs[&release.channel], digests[&release.build].clone(), release.build.to_string()))
        .collect();
    for build in told.builds() {
        let slug = build.page_url.rsplit('/').next().expect("a slug");
        let id = build.build_url.rsplit('/').next().expect("an id");
        let expected = (slug, build.sha256, id.to_owned());
        assert!(released.contains(&expected), "an acknowledged release is not there: {expected:?}");
    }
}

/// Whoever has installed was given a manifest, and an attempt is written down before that.
async fn assert_attempts(catalog: &dyn Catalog, rows: &Rows, told: &Told) {
    let mut installs: HashMap<String, usize> = HashMap::new();
    for sha256 in told.installed() {
        *installs.entry(sha256).or_default() += 1;
    }
    let mut snapshot = catalog.read().await.expect("a snapshot");
    for build in &rows.builds {
        let list =
            async |s: &mut dyn Snapshot, at| s.attempts().list_build(build.id, at, PageSize::MAX).await;
        let attempts = every(&mut *snapshot, list).await.expect("attempts");
        let expected = installs.remove(&build.package.sha256.to_string()).unwrap_or(0);
        assert!(attempts.len() >= expected, "{} attempts for {expected} installs", attempts.len());
    }
    assert!(installs.is_empty(), "what was installed is no build: {installs:?}");
}

/// Each release has its event, once, and there is none for what never was.
async fn assert_events(catalog: &dyn Catalog, rows: &Rows) {
    let mut told = Vec::new();
    let mut place = Position::START;
    let mut snapshot = catalog.read().await.expect("a snapshot");
    loop {
        let page = snapshot.events().list(place, PageSize::MAX).await.expect("events");
        for logged in &page.items {
            let event = &logged.event;
            if event.topic.as_str() == "build.released" {
                let id = |name: &str| event.body[name].as_str().expect("an id").to_owned();
                told.push([id("release"), id("channel"), id("build")]);
            }
        }
        match page.next {
            Some(next) => place = next,
            None => break,
        }
    }
    let mut expected: Vec<_> = rows
        .releases
        .iter()
        .map(|release| [release.id.to_string(), release.channel.to_string(), release.build.to_string()])
        .collect();
    told.sort();
    expected.sort();
    assert!(told == expected, "{} releases, {} events", expected.len(), told.len());
}

/// What was revoked or closed stays so.
async fn assert_taken_back(ground: &Ground, catalog: &dyn Catalog, told: &Told) {
    let mut snapshot = catalog.read().await.expect("a snapshot");
    let list = async |s: &mut dyn Snapshot, at| s.tokens().list(at, PageSize::MAX).await;
    let tokens = every(&mut *snapshot, list).await.expect("tokens");
    for revoked in told.revoked_tokens() {
        let token = tokens.iter().find(|token| token.name.as_str() == revoked.name).expect("a token");
        assert!(token.revoked_at.is_some(), "{} works again", revoked.name);
    }
    for slug in told.closed_channels() {
        let slug: Slug = slug.parse().expect("a slug");
        let page = snapshot.installs().page(&slug).await.expect("a page").expect("a channel");
        assert!(page.channel.closed_at.is_some(), "{slug} is open again");
    }
    let revoked = told.revoked_tokens().pop().expect("a token was revoked");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("App.ipa");
    std::fs::write(&file, package(1, 1_000).build()).expect("room for a package");
    let refused = ground.entry().publish(&revoked.secret, &file, &[]);
    assert_eq!(refused.code, Some(1), "{refused}");
}

/// After a collection the store holds what builds need and nothing else, and a second one finds nothing.
pub(super) async fn assert_nothing_else_is_left(ground: &Ground, catalog: &dyn Catalog) {
    let collect = || {
        let ended = ground.entry().admin(&["collect-garbage", "--older-than-hours", "0", "--json"]);
        ended.fine().expect("a collection").json()
    };
    let before = ground.blobs().len();
    let collected = collect();
    eprintln!("{before} blobs; collected {collected}");
    assert_eq!(ground.unfinished(), Vec::<std::path::PathBuf>::new());
    let rows = Rows::read(catalog).await.expect("rows");
    let needed: BTreeSet<_> = rows
        .builds
        .iter()
        .flat_map(|build| [build.package.blob, build.icons.display_image, build.icons.full_size_image])
        .map(|blob| blob.expect("a build with package and icons").to_string())
        .collect();
    let kept: BTreeSet<_> = ground
        .blobs()
        .into_iter()
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(kept, needed);
    assert_eq!(collect()["blobs"].as_u64(), Some(0), "a second collection finds nothing");
}

#[expect(clippy::disallowed_methods, reason = "servers go by the same clock")]
fn now() -> Timestamp {
    UtcDateTime::now().into()
}

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use catalog::{Blob, BlobId, BuildId, Catalog, NewRelease, ReleaseId, Sha256, Timestamp};
use catalog_sqlite::SqliteCatalog;
use depot::{BlobKey, Depot, Disk};
use e2e::{Certificates, Protocol, ServerFolder, TestServer};
use http_body_util::BodyExt;
use ipa::BuildNumber;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::Dialler;
use crate::cores::{Core, on};
use crate::place::{Place, write_package};
use crate::process::Meter;
use crate::report::{Chapter, Row, Target};
use crate::unit::Unit;

/// Builds kept in one unit.
const BATCH: usize = 500;

/// How long a server must do nothing to count as idle.
const STILL: Duration = Duration::from_secs(1);

/// A server on a data directory with many builds.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let folder = place.folder()?;
    let certificates = Certificates::write(folder.path());
    let data = folder.path().join("data");
    let server = ServerFolder::new(&place.airstair).with_data(&data).with_certificates(&certificates);
    let package = folder.path().join("app.ipa");
    write_package(&package, 100_000, 10)?;
    let first = publish(&server, &package)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(fill(&data, first, place.scale.builds))?;

    let dialler = Dialler::new(server.root_path(), Protocol::Http1)?;
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..place.scale.runs {
        let (running, seconds) = start(&server, &dialler)?;
        ready.push(seconds);
        resident.push(idle_bytes(&running)?);
        running.stop().fine()?;
    }
    let rows = vec![
        Row::new("until ready", Unit::Seconds, ready.into_iter().collect()).target(Target::AtMost(0.1)),
        Row::new("memory when idle", Unit::Bytes, resident.into_iter().collect())
            .target(Target::AtMost(f64::from(30 << 20))),
    ];
    let how = format!(
        "`airstair serve` on a data directory with {} builds, each with a package of its own in the depot. *Until ready* \
         is from before the process is made to the end of the first answer 200 of `/readyz`, over TLS; *memory when idle* \
         is what it holds once its first look for garbage is over and it has done nothing for {} s.",
        place.scale.builds,
        STILL.as_secs()
    );
    Ok(Chapter { title: "Starting", how, rival: "", rows })
}

/// Publishes by a real upload, so that a build stands there as the server makes it.
fn publish(server: &ServerFolder, package: &Path) -> Result<BuildId> {
    let running = server.start()?;
    let token = server.publish_token()?;
    let published = server.publish(&token, package, &["--channel", "bench"]).fine()?.json();
    running.stop().fine()?;
    let id = published["build"]["id"].as_str().context("a build has an id")?;
    Ok(id.parse()?)
}

/// Makes `count` builds out of the first, with packages that differ, all on its channel.
async fn fill(data: &Path, first: BuildId, count: usize) -> Result<()> {
    let depot = Disk::open(&data.join("depot"))?;
    let catalog = SqliteCatalog::open(&data.join("catalog.db")).await?;
    let mut snapshot = catalog.read().await?;
    let first = snapshot.builds().find(first).await?.context("it was published")?;
    let releases = snapshot.releases().list_build(first.id, None, catalog::PageSize::new(1)).await?;
    let release = releases.items.into_iter().next().context("it was released")?;
    drop(snapshot);
    for begin in (1..count).step_by(BATCH) {
        // Beside each other: each waits for the disk.
        let mut packages = JoinSet::new();
        for number in begin..count.min(begin + BATCH) {
            packages.spawn(store(depot.clone(), first.uploaded_at, number));
        }
        let mut unit = catalog.begin().await?;
        for package in packages.join_all().await {
            let Kept { number, at, random, blob } = package?;
            unit.blobs().insert(&blob).await?;
            let mut build = first.clone();
            build.id = BuildId::new(at, random);
            build.build_number = BuildNumber::parse(&(number + 1).to_string())?;
            build.package.sha256 = blob.sha256;
            build.package.size_bytes = blob.size_bytes;
            build.package.blob = Some(blob.id);
            build.uploaded_at = at;
            unit.builds().insert(&build).await?;
            let release = NewRelease {
                id: ReleaseId::new(at, random),
                channel: release.channel,
                build: build.id,
                notes: release.notes.clone(),
                released_at: at,
                released_by: release.released_by,
            };
            unit.releases().insert(&release).await?;
        }
        unit.commit().await?;
    }
    catalog.close().await;
    Ok(())
}

/// A package in the depot, and what the ids of its rows are made of.
struct Kept {
    number: usize,
    at: Timestamp,
    random: [u8; 10],
    blob: Blob,
}

/// Stores the package of a build that came so many milliseconds after the first.
async fn store(depot: Disk, first: Timestamp, number: usize) -> Result<Kept> {
    let at = first.saturating_add(Duration::from_millis(u64::try_from(number)?));
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    let id = BlobId::new(at, random);
    let mut writer = depot.create(BlobKey::new(Uuid::from(id))).await?;
    writer.write(format!("package {number}").into_bytes().into()).await?;
    let stored = writer.finish().await?;
    let blob = Blob { id, sha256: Sha256::new(stored.sha256), size_bytes: stored.size_bytes };
    Ok(Kept { number, at, random, blob })
}

/// A server, and how long it took until it said that it is ready and answered so.
fn start(server: &ServerFolder, dialler: &Dialler) -> Result<(TestServer, f64)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let running = on(Core::Server, || server.start())?;
    let port = server.port();
    let status = on(Core::Client, || {
        runtime.block_on(async {
            let mut connection = dialler.connect(port).await?;
            let answer = connection.get(&format!("https://localhost:{port}/readyz")).await?;
            let status = answer.status();
            answer.into_body().collect().await?;
            anyhow::Ok(status)
        })
    })?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status == 200, "/readyz answered {status}");
    Ok((running, seconds))
}

fn idle_bytes(running: &TestServer) -> Result<f64> {
    let meter = Meter::of(running.id());
    let mut worked = meter.cpu_seconds()?;
    loop {
        thread::sleep(STILL);
        let works = meter.cpu_seconds()?;
        if works - worked < 0.01 {
            return meter.resident_bytes();
        }
        worked = works;
    }
}

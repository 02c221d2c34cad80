use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, ensure};
use e2e::{Device, Protocol};
use http_body_util::BodyExt;
use tokio::task::JoinSet;

use super::pages::Figures;
use crate::client::Dialler;
use crate::cores::{Core, on};
use crate::pairing::Pairing;
use crate::place::{Place, write_package};
use crate::report::{Chapter, Row};
use crate::sample::Sample;
use crate::stage::{Side, Stage, Wanted};
use crate::unit::Unit;

/// Connections on which installs begin at once.
const DEVICES: usize = 16;

/// Publishing and manifests with each engine and each store, beside the embedded ones.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let embedded = Stage::with(place, Pairing::EMBEDDED)?;
    let mut rows = Vec::new();
    let mut packages = 1..;
    for pairing in Pairing::OTHERS {
        let stage = Stage::with(place, pairing)?;
        let mut runs = [Vec::new(), Vec::new()];
        for number in packages.by_ref().take(place.scale.runs) {
            for (stage, runs) in [&stage, &embedded].into_iter().zip(&mut runs) {
                runs.push(Run::take(place, stage, number)?);
            }
        }
        let row = |what: &str, unit: Unit, of: fn(&Run) -> f64| {
            let [ours, embedded] = runs.each_ref().map(|runs| runs.iter().map(of).collect::<Sample>());
            Row::new(format!("{}: {what}", pairing.name()), unit, ours).beside(embedded)
        };
        rows.push(row("publish", Unit::Seconds, |run| run.publish_seconds));
        rows.push(row("manifest, median at 1,000/s", Unit::Seconds, |run| run.manifests.half_within));
        rows.push(row("manifest, 99 % at 1,000/s", Unit::Seconds, |run| run.manifests.most_within));
        rows.push(row("manifests at most", Unit::RequestsPerSecond, |run| run.manifests.rate));
        rows.push(row("installs begun at most", Unit::RequestsPerSecond, |run| run.installs_begun));
    }
    let how = format!(
        "Catalog and packages kept in each of the ways there are, beside both in the server's own folder. PostgreSQL, \
         with its own settings, and the storage of the S3 protocol (`s3s-fs`) work on the clients' core: what they take of it \
         the clients lack, and 1,000 manifests a second are about all that PostgreSQL and clients do there. *Publish* is \
         `airstair publish` of a package of {} MB, from the command's start to its end. Manifests are those of the \
         chapter before; *installs begun* are manifests of {} tickets that nobody has shown yet, on {DEVICES} \
         connections: each opens an attempt, which is on the disk before the answer is sent.",
        place.scale.published_bytes / 1_000_000,
        place.scale.tickets,
    );
    Ok(Chapter { title: "Each engine with each store", how, rival: "SQLite, folder", rows })
}

struct Run {
    publish_seconds: f64,
    manifests: Figures,
    installs_begun: f64,
}

impl Run {
    fn take(place: &Place, stage: &Stage, number: u64) -> Result<Self> {
        Ok(Self {
            publish_seconds: publish(place, stage, number)?,
            manifests: Figures::take(place, stage, Side::Ours, Wanted::Manifest)?,
            installs_begun: begin_installs(place, stage)?,
        })
    }
}

/// Publishes the package of this number, which the server has not seen.
fn publish(place: &Place, stage: &Stage, number: u64) -> Result<f64> {
    let folder = place.folder()?;
    let package = folder.path().join("app.ipa");
    // Another number of entries makes other bytes.
    write_package(&package, place.scale.published_bytes, 10 + number)?;
    let token = stage.server().publish_token()?;
    let began = Instant::now();
    let ended = on(Core::Client, || stage.server().publish(&token, &package, &["--channel", "other"]));
    let seconds = began.elapsed().as_secs_f64();
    ensure!(ended.fine()?.json()["outcome"] == "new-build", "the package was there already");
    Ok(seconds)
}

/// Shows tickets that nobody has shown, as fast as the answers come.
fn begin_installs(place: &Place, stage: &Stage) -> Result<f64> {
    let dialler = Dialler::new(&stage.root(), Protocol::Http2)?;
    let page_url = stage.url(Side::Ours, Wanted::Page);
    let device = Device::iphone(&stage.server().root_pem(), Protocol::Http2)?;
    on(Core::Client, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut tickets = Vec::new();
            for _ in 0..place.scale.tickets {
                tickets.push(device.open_page(&page_url).await?.manifest_url()?);
            }
            let tickets = Arc::new(Mutex::new(tickets));
            let mut connections = Vec::new();
            for _ in 0..DEVICES {
                connections.push(dialler.connect(stage.port(Side::Ours)).await?);
            }
            let began = Instant::now();
            let mut devices = JoinSet::new();
            for mut connection in connections {
                let tickets = Arc::clone(&tickets);
                devices.spawn(async move {
                    loop {
                        let next = tickets.lock().unwrap_or_else(PoisonError::into_inner).pop();
                        let Some(url) = next else { return anyhow::Ok(()) };
                        let answer = connection.get(&url).await?;
                        ensure!(answer.status() == 200, "a manifest answered {}", answer.status());
                        answer.into_body().collect().await?;
                    }
                });
            }
            for ended in devices.join_all().await {
                ended?;
            }
            Ok(place.scale.tickets as f64 / began.elapsed().as_secs_f64())
        })
    })
}

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::Protocol;
use hdrhistogram::Histogram;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Connection, Dialler};
use crate::cores::{Core, on};
use crate::h2load::{Load, Until};
use crate::place::Place;
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::stage::{Side, Stage, Wanted};
use crate::unit::Unit;

/// Requests a second, however long the answers take.
const RATE: u32 = 1_000;

/// Connections that ask as fast as they are answered.
const GREEDY: usize = 16;

/// Manifest and install page, beside nginx with the same bytes in files.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let stage = Stage::set(place)?;
    let mut rows = Vec::new();
    for (wanted, name) in [(Wanted::Manifest, "manifest"), (Wanted::Page, "install page")] {
        let mut runs = [Vec::new(), Vec::new()];
        for _ in 0..place.scale.runs {
            for (side, runs) in [Side::Ours, Side::Nginx].into_iter().zip(&mut runs) {
                runs.push(Figures::take(place, &stage, side, wanted)?);
            }
        }
        let row = |what: &str, unit: Unit, of: fn(&Figures) -> f64| {
            let [ours, nginx] = runs.each_ref().map(|runs| runs.iter().map(of).collect::<Sample>());
            Row::new(format!("{name}, {what}"), unit, ours).beside(nginx)
        };
        rows.push(row("median at 1,000/s", Unit::Seconds, |figures| figures.half_within));
        rows.push(
            row("99 % at 1,000/s", Unit::Seconds, |figures| figures.most_within)
                .target(Target::AtMost(0.010)),
        );
        rows.push(row("requests at most", Unit::RequestsPerSecond, |figures| figures.rate));
    }
    let how = format!(
        "Over one warm HTTP/2 connection {RATE} requests a second for {seconds} seconds, each sent at its time whether or \
         not earlier ones are answered; a latency counts from the moment the request was due, so a server that stalls \
         does not hide it. Then as many requests as {GREEDY} connections of h2load get answered in {seconds} seconds. \
         Manifests are asked for as an iPhone does. Airstair makes each answer anew from its catalog, with a new ticket \
         on each page; nginx has the bytes of one such answer in a file.",
        seconds = place.scale.load_seconds
    );
    Ok(Chapter { title: "Manifest and install page", how, rival: "nginx", rows })
}

/// How soon answers come.
pub(super) struct Figures {
    pub(super) half_within: f64,
    pub(super) most_within: f64,
    pub(super) rate: f64,
}

impl Figures {
    pub(super) fn take(place: &Place, stage: &Stage, side: Side, wanted: Wanted) -> Result<Self> {
        let url = stage.url(side, wanted);
        let dialler = Dialler::new(&stage.root(), Protocol::Http2)?;
        let seconds = place.scale.load_seconds;
        let latencies = on(Core::Client, || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(steadily(&dialler, stage.port(side), &url, seconds))
        })?;
        let within = |share| Duration::from_nanos(latencies.value_at_quantile(share)).as_secs_f64();
        let greedy = Load {
            url: &url,
            protocol: Protocol::Http2,
            clients: GREEDY,
            until: Until::Seconds(seconds),
            part_bytes: None,
        };
        let greedy = greedy.run()?;
        Ok(Self {
            half_within: within(0.5),
            most_within: within(0.99),
            rate: greedy.requests / greedy.seconds,
        })
    }
}

/// Asks at a fixed rate, and gives how long each answer took from when its request was due, in nanoseconds.
async fn steadily(dialler: &Dialler, port: u16, url: &str, seconds: u64) -> Result<Histogram<u64>> {
    let mut connection = dialler.connect(port).await?;
    for _ in 0..RATE / 10 {
        answered(&mut connection, url).await?;
    }
    let (due, mut dues) = mpsc::unbounded_channel();
    // The runtime's timer counts in milliseconds; a thread of its own wakes more exactly.
    let pacing = thread::spawn(move || {
        let began = Instant::now();
        for number in 0..RATE * u32::try_from(seconds).expect("a few seconds") {
            let at = began + Duration::from_secs(1) / RATE * number;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if due.send(at).is_err() {
                return;
            }
        }
    });
    let mut requests = JoinSet::new();
    while let Some(at) = dues.recv().await {
        let mut connection = connection.beside().context("HTTP/2 takes requests beside each other")?;
        let url = url.to_owned();
        requests.spawn(async move { answered(&mut connection, &url).await.map(|()| at.elapsed()) });
    }
    pacing.join().expect("pacing does not panic");
    let mut latencies = Histogram::new(3)?;
    for latency in requests.join_all().await {
        latencies.record(u64::try_from(latency?.as_nanos())?)?;
    }
    Ok(latencies)
}

async fn answered(connection: &mut Connection, url: &str) -> Result<()> {
    let response = connection.get(url).await?;
    ensure!(response.status() == 200, "{url} answered {}", response.status());
    response.into_body().collect().await?;
    Ok(())
}

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use e2e::Protocol;
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::{Connection, Dialler};
use crate::cores::{Core, on};
use crate::place::Place;
use crate::process::Meter;
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::stage::{Side, Stage, Wanted};
use crate::unit::Unit;

/// Between two reads of one client.
const PAUSE: Duration = Duration::from_secs(1);

/// How long clients are slow before the last look at the server.
const HELD: Duration = Duration::from_secs(4);

/// Handshakes under way at once.
const HANDSHAKES: usize = 64;

/// Clients that hardly read, beside nginx with the same file.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let mut stage = Stage::set(place)?;
    let mut rows = Vec::new();
    for (protocol, name) in [(Protocol::Http1, "HTTP/1.1"), (Protocol::Http2, "HTTP/2")] {
        let mut runs = [Vec::new(), Vec::new()];
        for _ in 0..place.scale.runs {
            for (side, runs) in [Side::Ours, Side::Nginx].into_iter().zip(&mut runs) {
                stage.restart(side)?;
                runs.push(crowd(place, &stage, side, protocol)?);
            }
        }
        let row = |what: &str, unit: Unit, of: fn(&Crowd) -> f64| {
            let [ours, nginx] = runs.each_ref().map(|runs| runs.iter().map(of).collect::<Sample>());
            Row::new(format!("{name}, {what}"), unit, ours).beside(nginx)
        };
        rows.push(row("memory of a connection", Unit::Bytes, |crowd| crowd.connection_bytes));
        rows.push(
            row("memory of a slow client on top", Unit::Bytes, |crowd| crowd.client_bytes)
                .target(Target::AtMost(f64::from(512 << 10))),
        );
        rows.push(row("threads", Unit::Count, |crowd| crowd.threads).target(Target::AtMost(16.0)));
    }
    let how = format!(
        "{} clients that fetch the package at once and take at most one piece a second each; a client's socket has room \
         for 64 KiB, its HTTP/2 window is 16 MiB. *Memory of a connection* is what the server's resident memory grew by \
         while all of them connected and shook hands; *memory of a slow client on top* is the most it grew by after that, \
         while they were being served, for each of them. A thread for each client would show in the last line.",
        place.scale.slow_clients
    );
    Ok(Chapter { title: "Slow clients", how, rival: "nginx", rows })
}

struct Crowd {
    /// For each client, once it has shaken hands.
    connection_bytes: f64,
    /// For each client on top of that, at most.
    client_bytes: f64,
    threads: f64,
}

fn crowd(place: &Place, stage: &Stage, side: Side, protocol: Protocol) -> Result<Crowd> {
    let dialler = Dialler::new(&stage.root(), protocol)?;
    let (port, url, meter) = (stage.port(side), stage.url(side, Wanted::Package), stage.meter(side));
    on(Core::Client, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(gather(place.scale.slow_clients, &dialler, port, &url, &meter))
    })
}

async fn gather(count: usize, dialler: &Dialler, port: u16, url: &str, meter: &Meter) -> Result<Crowd> {
    let alone = meter.resident_bytes()?;
    let connections = connect(count, dialler, port).await?;
    let connected = meter.resident_bytes()?;
    let mut clients = JoinSet::new();
    for connection in connections {
        clients.spawn(fetch_slowly(connection, url.to_owned()));
    }
    let (mut most, mut threads) = (connected, 0.0_f64);
    let watch = async {
        loop {
            most = most.max(meter.resident_bytes()?);
            threads = threads.max(meter.threads()?);
            sleep(Duration::from_millis(50)).await;
        }
    };
    // Nobody gets all of it in this time: who ends has failed.
    let ended = async { clients.join_next().await.expect("there are clients")? };
    let watched: Result<Result<()>, _> = timeout(HELD, async {
        tokio::select! {
            ended = ended => ended,
            failed = watch => failed,
        }
    })
    .await;
    if let Ok(ended) = watched {
        ended?;
        anyhow::bail!("a client that was to be slow has its package");
    }
    let each = |bytes: f64| bytes / count as f64;
    Ok(Crowd { connection_bytes: each(connected - alone), client_bytes: each(most - connected), threads })
}

async fn connect(count: usize, dialler: &Dialler, port: u16) -> Result<Vec<Connection>> {
    let turns = Arc::new(Semaphore::new(HANDSHAKES));
    let mut handshakes = JoinSet::new();
    for _ in 0..count {
        let (turns, dialler) = (Arc::clone(&turns), dialler.clone());
        handshakes.spawn(async move {
            let _turn = turns.acquire().await?;
            dialler.connect(port).await
        });
    }
    handshakes.join_all().await.into_iter().collect()
}

async fn fetch_slowly(mut connection: Connection, url: String) -> Result<()> {
    let mut body = connection.get(&url).await?.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
        sleep(PAUSE).await;
    }
    Ok(())
}

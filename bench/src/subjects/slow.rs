use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use e2e::Protocol;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

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

/// How long clients are slow after all have had their first piece.
const HELD: Duration = Duration::from_secs(3);

/// Between two looks at the server.
const LOOK: Duration = Duration::from_millis(50);

/// Far fewer than clients.
const THREADS: f64 = 100.0;

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
                runs.push(crowd(&stage, side, protocol, place.scale.slow_clients)?);
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
        rows.push(row("threads", Unit::Count, |crowd| crowd.threads).target(Target::AtMost(THREADS)));
    }
    let how = format!(
        "{} clients that fetch the package at once and take at most one piece a second each; a client's socket \
         and its HTTP/2 windows have room for 64 KiB. *Memory of a connection* is what the server's resident memory grew by \
         while all of them connected and shook hands; *memory of a slow client on top* is the most it grew by after that, \
         while they were being served, for each of them. *Threads* are the most it ever had; a thread for each client would show.",
        place.scale.slow_clients
    );
    Ok(Chapter { title: "Slow clients", how, rival: "nginx", rows })
}

/// What a server needed for clients that hardly read.
pub(super) struct Crowd {
    /// For each client, once it has shaken hands.
    connection_bytes: f64,
    /// For each client on top of that, at most.
    client_bytes: f64,
    /// For all of them together.
    pub(super) all_bytes: f64,
    threads: f64,
}

/// Lets so many clients hardly read.
pub(super) fn crowd(stage: &Stage, side: Side, protocol: Protocol, count: usize) -> Result<Crowd> {
    let dialler = Dialler::new(&stage.root(), protocol)?;
    let (port, url, meter) = (stage.port(side), stage.url(side, Wanted::Package), stage.meter(side));
    on(Core::Client, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(gather(count, &dialler, port, &url, &meter))
    })
}

async fn gather(count: usize, dialler: &Dialler, port: u16, url: &str, meter: &Meter) -> Result<Crowd> {
    let alone = meter.resident_bytes()?;
    let connections = connect(count, dialler, port).await?;
    let connected = meter.resident_bytes()?;
    let (served, mut first_pieces) = mpsc::channel(count);
    let mut clients = JoinSet::new();
    for connection in connections {
        clients.spawn(fetch_slowly(connection, url.to_owned(), served.clone()));
    }
    let (mut most, mut threads) = (connected, 0.0_f64);
    let mut held = pin!(async {
        for _ in 0..count {
            first_pieces.recv().await.context("a client is gone")?;
        }
        sleep(HELD).await;
        anyhow::Ok(())
    });
    loop {
        most = most.max(meter.resident_bytes()?);
        threads = threads.max(meter.threads()?);
        tokio::select! {
            held = &mut held => break held?,
            ended = clients.join_next() => {
                ended.context("there are clients")???;
                bail!("a client that was to be slow has its package");
            }
            () = sleep(LOOK) => {}
        }
    }
    let each = |bytes: f64| bytes / count as f64;
    Ok(Crowd {
        connection_bytes: each(connected - alone),
        client_bytes: each(most - connected),
        all_bytes: most - alone,
        threads,
    })
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

async fn fetch_slowly(mut connection: Connection, url: String, served: mpsc::Sender<()>) -> Result<()> {
    let mut body = connection.get(&url).await?.into_body();
    body.frame().await.context("a package has a first piece")??;
    served.send(()).await?;
    while let Some(frame) = body.frame().await {
        frame?;
        sleep(PAUSE).await;
    }
    Ok(())
}

use anyhow::{Result, ensure};
use e2e::Protocol;

use crate::h2load::{Load, Until};
use crate::place::Place;
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::stage::{Side, Stage, Wanted};
use crate::unit::Unit;

/// Who fetches the package in one run.
#[derive(Clone, Copy)]
pub(super) struct Crowd {
    pub(super) clients: usize,
    /// Of all together.
    pub(super) requests: usize,
    /// Of how many equal parts of the package each request is for the first.
    pub(super) share: u64,
}

pub(super) const ONE: Crowd = Crowd { clients: 1, requests: 4, share: 1 };
pub(super) const MANY: Crowd = Crowd { clients: 64, requests: 64, share: 4 };

/// A package over TLS, by its ticket, beside nginx with the same file.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let stage = Stage::set(place)?;
    let mut rows = Vec::new();
    for (protocol, name, least) in [(Protocol::Http1, "HTTP/1.1", 1.0), (Protocol::Http2, "HTTP/2", 0.9)] {
        for (who, crowd) in [("1 client", ONE), ("64 clients", MANY)] {
            rows.extend(side_by_side(place, &stage, &format!("{name}, {who}"), protocol, crowd, least)?);
        }
    }
    let how = format!(
        "A package of {} MB, fetched by h2load over TLS 1.3 with `TLS_AES_128_GCM_SHA256`, both servers with the same \
         ECDSA certificate on P-256. One client fetches it {} times on one connection; each of {} clients fetches its \
         first {}th once, as a range, or a run would take a minute. Airstair serves it from a data directory, at the \
         address in its manifest; nginx has it as a file. HTTP/2 windows are 16 MiB. The lines about the processor say \
         how long a server computed for 10⁹ bytes, which tells more than speed where the client is the slower side.",
        place.scale.package_bytes / 1_000_000,
        ONE.requests,
        MANY.clients,
        MANY.share,
    );
    Ok(Chapter { title: "Serving a package", how, rival: "nginx", rows })
}

/// The speed of both servers, and how long each computed for it.
pub(super) fn side_by_side(
    place: &Place,
    stage: &Stage,
    name: &str,
    protocol: Protocol,
    crowd: Crowd,
    least: f64,
) -> Result<[Row; 2]> {
    let part_bytes = stage.package_bytes() / crowd.share;
    let expected = (part_bytes * crowd.requests as u64) as f64;
    let mut runs = [Vec::new(), Vec::new()];
    for _ in 0..place.scale.runs {
        for (side, runs) in [Side::Ours, Side::Nginx].into_iter().zip(&mut runs) {
            let url = &stage.url(side, Wanted::Package);
            let part_bytes = (crowd.share > 1).then_some(part_bytes);
            let until = Until::Requests(crowd.requests);
            let load = Load { url, protocol, clients: crowd.clients, until, part_bytes };
            let meter = stage.meter(side);
            let before = meter.cpu_seconds()?;
            let loaded = load.run()?;
            let cpu_seconds = meter.cpu_seconds()? - before;
            ensure!(loaded.bytes >= expected, "{side:?} sent {} bytes, not {expected}", loaded.bytes);
            runs.push((expected / loaded.seconds, cpu_seconds / (expected / 1e9)));
        }
    }
    let [our_speed, nginx_speed] =
        runs.each_ref().map(|runs| runs.iter().map(|run| run.0).collect::<Sample>());
    let [our_effort, nginx_effort] = runs.map(|runs| runs.iter().map(|run| run.1).collect::<Sample>());
    Ok([
        Row::new(name, Unit::BytesPerSecond, our_speed)
            .beside(nginx_speed)
            .target(Target::RatioAtLeast(least)),
        Row::new(format!("{name}: processor"), Unit::SecondsPerGigabyte, our_effort).beside(nginx_effort),
    ])
}

use anyhow::Result;
use e2e::Protocol;

use super::serve::{MANY, ONE, side_by_side};
use super::slow::crowd;
use crate::pairing::{Engine, Pairing, Store};
use crate::place::Place;
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::stage::{Side, Stage};
use crate::unit::Unit;

/// Downloads at once whose memory is measured.
const DOWNLOADS: usize = 64;

/// A package out of a bucket, beside nginx before the same bucket.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let mut stage = Stage::with(place, Pairing { engine: Engine::Sqlite, store: Store::Bucket })?;
    let protocols = [(Protocol::Http1, "HTTP/1.1"), (Protocol::Http2, "HTTP/2")];
    let mut rows = Vec::new();
    for (protocol, name) in protocols {
        for (who, crowd) in [("1 client", ONE), ("64 clients", MANY)] {
            rows.extend(side_by_side(place, &stage, &format!("{name}, {who}"), protocol, crowd, 0.8)?);
        }
    }
    for (protocol, name) in protocols {
        let mut runs = [Vec::new(), Vec::new()];
        for _ in 0..place.scale.runs {
            for (side, runs) in [Side::Ours, Side::Nginx].into_iter().zip(&mut runs) {
                stage.restart(side)?;
                runs.push(crowd(&stage, side, protocol, DOWNLOADS)?.all_bytes);
            }
        }
        let [ours, nginx] = runs.map(|runs| runs.into_iter().collect::<Sample>());
        let what = format!("{name}, memory for {DOWNLOADS} slow downloads");
        let row = Row::new(what, Unit::Bytes, ours).beside(nginx);
        rows.push(row.target(Target::AtMost(f64::from(64 << 20))));
    }
    let how = format!(
        "The package of {} MB is in a bucket, on storage of the S3 protocol (`s3s-fs`) that is a process of its own on \
         the clients' core. Airstair asks the storage for each part that it serves; nginx is a proxy before the same \
         storage, with an address that is signed once for all. Clients are those of the chapters about serving and \
         about slow clients. *Memory for {DOWNLOADS} slow downloads* is what a server's resident memory grew by, from \
         before they connected to its most while all of them were being served.",
        place.scale.package_bytes / 1_000_000,
    );
    Ok(Chapter { title: "Serving a package out of a bucket", how, rival: "nginx", rows })
}

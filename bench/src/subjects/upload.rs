use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use e2e::{Certificates, ServerFolder};

use crate::cores::{Core, on};
use crate::place::{Place, write_package};
use crate::process::Meter;
use crate::report::{Chapter, Row, Target};
use crate::unit::Unit;

/// A large package published, beside what it takes to copy and hash it.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let folder = place.folder()?;
    let package = folder.path().join("app.ipa");
    write_package(&package, place.scale.upload_bytes, 64)?;
    let certificates = Certificates::write(folder.path());
    let (mut seconds, mut peaks, mut copied) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..place.scale.runs {
        let (took, peak) = upload(place, &certificates, &package)?;
        seconds.push(took);
        peaks.push(peak);
        copied.push(copy(&package, &folder.path().join("copy.ipa"))?);
    }
    let rows = vec![
        Row::new("time", Unit::Seconds, seconds.into_iter().collect())
            .beside(copied.into_iter().collect())
            .target(Target::RatioAtMost(1.15)),
        Row::new("peak memory of the server", Unit::Bytes, peaks.into_iter().collect())
            .target(Target::AtMost(f64::from(64 << 20))),
    ];
    let how = format!(
        "`airstair publish` of a package of {} MiB over TLS on the loopback, to a server on a new data directory: from \
         the command's start to its end, when the package is on the disk, hashed, looked into and released. Beside it \
         `cp` of the same file to the same disk, `sync` of the copy and `sha256sum` of it, one after the other. The \
         package lies in the page cache both times.",
        place.scale.upload_bytes >> 20
    );
    Ok(Chapter { title: "Uploading a package", how, rival: "`cp`, `sync`, `sha256sum`", rows })
}

/// How long it took, and the most memory the server held meanwhile.
fn upload(place: &Place, certificates: &Certificates, package: &Path) -> Result<(f64, f64)> {
    let data = place.folder()?;
    let server = ServerFolder::new(&place.airstair)
        .with_data(&data.path().join("data"))
        .with_certificates(certificates);
    let running = on(Core::Server, || server.start())?;
    let token = server.publish_token()?;
    let began = Instant::now();
    on(Core::Client, || server.publish(&token, package, &["--channel", "bench"])).fine()?;
    let seconds = began.elapsed().as_secs_f64();
    Ok((seconds, Meter::of(running.id()).peak_bytes()?))
}

fn copy(package: &Path, copy: &Path) -> Result<f64> {
    let began = Instant::now();
    for words in
        [&["cp".as_ref(), package, copy][..], &["sync".as_ref(), copy], &["sha256sum".as_ref(), copy]]
    {
        let mut command = Command::new(words[0]);
        let output = on(Core::Server, || command.args(&words[1..]).output());
        let output = output.with_context(|| format!("{} can't be run", words[0].display()))?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let seconds = began.elapsed().as_secs_f64();
    fs::remove_file(copy)?;
    Ok(seconds)
}

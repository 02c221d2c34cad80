use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::place::{Place, write_executable, write_package, write_sealed_package};
use crate::process::{Ran, peak_bytes, run, run_on_all_cores};
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::unit::Unit;

/// Judging a package, and comparing every byte of it with its seal, beside hashing what `unzip` takes out.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let folder = place.folder()?;
    let package = folder.path().join("app.ipa");
    let judged = place.scale.inspected[0];
    write_package(&package, judged.bytes, judged.entries)?;
    let looks = Looks::take(place, &[package.as_ref()])?;
    let mut rows = vec![
        Row::new(format!("{}: time", judged.name), Unit::Seconds, looks.seconds)
            .target(Target::AtMost(0.150)),
        Row::new(format!("{}: peak memory", judged.name), Unit::Bytes, looks.peaks)
            .target(Target::AtMost(MIB * 32.0)),
    ];
    rows.push(executable(place, &package)?);

    write_sealed_package(&package, judged.bytes, judged.entries)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut peaks = Vec::new();
    for _ in 0..place.scale.runs {
        let words = [package.as_ref(), "--deep".as_ref()];
        ours.push(verdict(&run_on_all_cores(&command(place, &words))?)?);
        theirs.push(hash_all(&package)?);
        peaks.push(peak_bytes(&command(place, &words))?);
    }
    let ours = Row::new("every file, `--deep`: time", Unit::Seconds, ours.into_iter().collect());
    rows.push(ours.beside(theirs.into_iter().collect()).target(Target::RatioAtMost(1.2)));
    rows.push(
        Row::new("every file, `--deep`: peak memory", Unit::Bytes, peaks.into_iter().collect())
            .target(Target::AtMost(MIB * 48.0)),
    );
    let how = format!(
        "`airstair doctor --json` of the package of the chapter before. *Inflating an executable* is what {EXECUTABLE_MB} MB \
         more of it add, for each MB: the code signature is at its end. With `--deep` every page of code and every file is \
         compared with the digest that was signed: {} files of {} MiB together that a compressor shortens by half, beside \
         `unzip -p APP.ipa | sha256sum`; for this pair there are both cores.",
        judged.entries,
        judged.bytes >> 20,
    );
    Ok(Chapter { title: "Judging a package", how, rival: "`unzip`, `sha256sum`", rows })
}

const MIB: f64 = (1 << 20) as f64;

/// How much larger the large executable is than the small one.
const EXECUTABLE_MB: usize = 100;

/// What a MB of an executable takes.
fn executable(place: &Place, package: &Path) -> Result<Row> {
    let mut runs = [Vec::new(), Vec::new()];
    for (bytes, runs) in [1_000_000, 1_000_000 * (1 + EXECUTABLE_MB)].into_iter().zip(&mut runs) {
        write_executable(package, bytes)?;
        for _ in 0..place.scale.runs {
            runs.push(seconds(place, &[package.as_ref()])?);
        }
    }
    let [small, large] = runs;
    let each = small.iter().zip(&large).map(|(small, large)| (large - small) / EXECUTABLE_MB as f64);
    Ok(Row::new("inflating an executable, each MB", Unit::Seconds, each.collect()))
}

/// What judging a package takes.
struct Looks {
    seconds: Sample,
    peaks: Sample,
}

impl Looks {
    fn take(place: &Place, words: &[&OsStr]) -> Result<Self> {
        let runs = 0..place.scale.runs;
        Ok(Self {
            seconds: runs.clone().map(|_| seconds(place, words)).collect::<Result<_>>()?,
            peaks: runs.map(|_| peak_bytes(&command(place, words))).collect::<Result<_>>()?,
        })
    }
}

/// How long the verdict takes, which is that the app installs.
fn seconds(place: &Place, words: &[&OsStr]) -> Result<f64> {
    verdict(&run(&command(place, words))?)
}

fn verdict(ran: &Ran) -> Result<f64> {
    ensure!(ran.stdout.contains("\"verdict\": \"installs\""), "it does not install: {}", ran.stdout);
    Ok(ran.seconds)
}

fn command<'a>(place: &'a Place, words: &[&'a OsStr]) -> Vec<&'a OsStr> {
    [&[place.airstair.as_ref(), "doctor".as_ref(), "--json".as_ref()], words].concat()
}

/// How long it takes to hash all that is in a package.
fn hash_all(package: &Path) -> Result<f64> {
    let words = ["sh".as_ref(), "-c".as_ref(), "unzip -p \"$0\" | sha256sum".as_ref(), package.as_os_str()];
    Ok(run_on_all_cores(&words)?.seconds)
}

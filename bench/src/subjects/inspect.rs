use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::{Certificates, Nginx, free_port};
use tempfile::TempDir;

use crate::cores::{Core, on};
use crate::place::{Place, write_package};
use crate::process::{peak_bytes, run};
use crate::report::{Chapter, Row, Target};
use crate::sample::Sample;
use crate::unit::Unit;

const RIVAL: &str = "app-info-parser@1.1.6";

/// Looking into a package, beside npm's `app-info-parser`, and over HTTP ranges.
pub(crate) fn measure(place: &Place) -> Result<Chapter> {
    let folder = place.folder()?;
    let rival = Rival::install(&folder)?;
    let certificates = Certificates::write(folder.path());
    let remote = Remote::start(&folder, certificates)?;
    let mut rows = Vec::new();
    for inspected in place.scale.inspected {
        let package = folder.path().join("app.ipa");
        write_package(&package, inspected.bytes, inspected.entries)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..place.scale.runs {
            ours.push(Look::take(&ours_command(place, &[package.as_ref()]))?);
            theirs.push(Look::take(&rival.command(&package))?);
        }
        let row = |what: &str, unit: Unit, of: fn(&Look) -> f64| {
            let [ours, theirs] = [&ours, &theirs].map(|runs| runs.iter().map(of).collect::<Sample>());
            Row::new(format!("{}: {what}", inspected.name), unit, ours).beside(theirs)
        };
        rows.push(row("time", Unit::Seconds, |look| look.seconds).target(Target::RatioAtMost(0.05)));
        rows.push(
            row("peak memory", Unit::Bytes, |look| look.peak_bytes)
                .target(Target::AtMost(f64::from(24 << 20)))
                .target(Target::RatioAtMost(0.25)),
        );
        rows.extend(remote.measure(place, inspected.name, &package)?);
    }
    let how = format!(
        "A package with a profile, icons, an extension, a watch app and a framework, the rest of it bytes that no \
         compressor can shorten; each command started anew and run to its end, start of its runtime included. Airstair \
         runs as `airstair inspect --json`; it reads more than `{RIVAL}` does, such as nested bundles, signatures, \
         executables, and in front of every entry the header that a device meets: 5,000 reads of a file for 5,000 entries. \
         Over HTTP it is given the address on an nginx that counts requests and bytes of bodies."
    );
    Ok(Chapter { title: "Looking into a package", how, rival: "app-info-parser", rows })
}

/// One look into a package.
struct Look {
    seconds: f64,
    peak_bytes: f64,
}

impl Look {
    fn take(words: &[&OsStr]) -> Result<Self> {
        Ok(Self { seconds: seconds(words)?, peak_bytes: peak_bytes(words)? })
    }
}

/// How long a command takes to say what is in the package.
fn seconds(words: &[&OsStr]) -> Result<f64> {
    let ran = run(words)?;
    ensure!(ran.stdout.contains("com.example.bench"), "it saw another app: {}", ran.stdout);
    Ok(ran.seconds)
}

fn ours_command<'a>(place: &'a Place, words: &[&'a OsStr]) -> Vec<&'a OsStr> {
    [&[place.airstair.as_ref(), "inspect".as_ref(), "--json".as_ref()], words].concat()
}

/// The package of the registry, installed for the time of the bench.
struct Rival {
    module: PathBuf,
}

impl Rival {
    fn install(folder: &TempDir) -> Result<Self> {
        let folder = folder.path().join("npm");
        fs::create_dir(&folder)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(RIVAL);
        let output = npm.output().context("npm can't be run")?;
        ensure!(output.status.success(), "npm: {}", String::from_utf8_lossy(&output.stderr));
        Ok(Self { module: folder.join("node_modules/app-info-parser") })
    }

    fn command<'a>(&'a self, package: &'a Path) -> [&'a OsStr; 5] {
        const SCRIPT: &str = "const Parser = require(process.argv[1]);
            new Parser(process.argv[2]).parse().then(info => console.log(info.CFBundleIdentifier));";
        ["node".as_ref(), "-e".as_ref(), SCRIPT.as_ref(), self.module.as_os_str(), package.as_os_str()]
    }
}

/// A web server that writes down what it was asked for.
struct Remote {
    _nginx: Nginx,
    port: u16,
    log: PathBuf,
    certificates: Certificates,
}

impl Remote {
    fn start(folder: &TempDir, certificates: Certificates) -> Result<Self> {
        let port = free_port();
        let http = format!(
            "log_format bytes '$body_bytes_sent'; access_log requests.log bytes;
             server {{
               listen 127.0.0.1:{port} ssl http2;
               ssl_certificate chain.pem; ssl_certificate_key key.pem;
               root .;
             }}"
        );
        let nginx = on(Core::Client, || Nginx::start(folder.path(), &http)).context("nginx can't be run")?;
        Ok(Self { _nginx: nginx, port, log: folder.path().join("requests.log"), certificates })
    }

    fn measure(&self, place: &Place, name: &str, package: &Path) -> Result<[Row; 3]> {
        let url = format!("https://localhost:{}/app.ipa", self.port);
        let root = self.certificates.root();
        let size_bytes = fs::metadata(package)?.len() as f64;
        let (mut times, mut requests, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..place.scale.runs {
            fs::write(&self.log, "")?;
            let words = [url.as_ref(), "--ca".as_ref(), root.as_os_str()];
            times.push(seconds(&ours_command(place, &words))?);
            let log = fs::read_to_string(&self.log)?;
            let bytes: Vec<f64> = log.lines().map(str::parse).collect::<Result<_, _>>()?;
            requests.push(bytes.len() as f64);
            shares.push(bytes.iter().sum::<f64>() / size_bytes);
        }
        Ok([
            Row::new(format!("{name}, over HTTP: time"), Unit::Seconds, times.into_iter().collect()),
            Row::new(format!("{name}, over HTTP: requests"), Unit::Count, requests.into_iter().collect())
                .target(Target::AtMost(10.0)),
            Row::new(
                format!("{name}, over HTTP: share of the bytes"),
                Unit::Share,
                shares.into_iter().collect(),
            )
            .target(Target::AtMost(0.01)),
        ])
    }
}

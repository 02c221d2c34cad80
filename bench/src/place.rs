use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::app::AppPackage;
use testkit::macho::MachO;
use testkit::zip::{Content, Entry};
use time::UtcDateTime;

use crate::scale::Scale;

/// Where the binary is that is measured, and where there is room.
pub(crate) struct Place {
    pub(crate) airstair: PathBuf,
    pub(crate) scale: Scale,
    room: PathBuf,
}

impl Place {
    /// Beside the bench's own binary, where cargo puts both.
    pub(crate) fn new(scale: Scale) -> Result<Self> {
        let bench = env::current_exe()?;
        let folder = bench.parent().context("a binary lies in a folder")?.to_owned();
        let airstair = folder.join("airstair");
        ensure!(airstair.exists(), "{} is missing: `cargo xtask bench` builds it", airstair.display());
        let room = folder.join("bench-data");
        // Left behind by a run that was interrupted.
        if room.exists() {
            fs::remove_dir_all(&room)?;
        }
        fs::create_dir(&room)?;
        Ok(Self { airstair, scale, room })
    }

    /// A new folder on the disk that cargo builds on; the system's own for such things may lie in memory.
    pub(crate) fn folder(&self) -> Result<TempDir> {
        Ok(TempDir::new_in(&self.room)?)
    }
}

/// Writes a package that is sound today, of this size or a little more, with bytes no compressor can shorten in so many
/// entries.
pub(crate) fn write_package(file: &Path, bytes: u64, entries: u64) -> Result<()> {
    let noise = (0..entries).map(|seed| {
        let content = Content::Noise { bytes: bytes / entries, seed };
        Entry::file(format!("Payload/Bench.app/Assets/{seed:05}.bin"), content).stored()
    });
    app().archive().entries(noise).write_to(create(file)?)?;
    Ok(())
}

/// Writes a package that is sound today, with so many bytes in so many files that its signature seals, which compressors
/// shorten by half.
pub(crate) fn write_sealed_package(file: &Path, bytes: u64, entries: u64) -> Result<()> {
    let sealed = (0..entries).fold(app(), |package, seed| {
        package.file(&format!("Assets/{seed:05}.bin"), Content::HalfNoise { bytes: bytes / entries, seed })
    });
    sealed.write_to(create(file)?)?;
    Ok(())
}

/// Writes a package that is sound today and has an executable of this size, which compressors shorten by half, and no other.
pub(crate) fn write_executable(file: &Path, bytes: usize) -> Result<()> {
    // Further apart than deflate looks back, so that the repeats are as hard to shorten as the first.
    let mut code = Vec::new();
    Content::HalfNoise { bytes: 1 << 20, seed: 0 }.reader().read_to_end(&mut code)?;
    let with_code = move |macho: MachO| macho.padded_to(bytes).code(code.clone());
    AppPackage::new(APP).now(now()).executable(with_code).write_to(create(file)?)?;
    Ok(())
}

const APP: &str = "com.example.bench";

/// An app that has of everything.
fn app() -> AppPackage {
    AppPackage::new(APP).now(now()).extension("widget").watch_app("watch").framework("kit")
}

fn now() -> UtcDateTime {
    UtcDateTime::from(SystemTime::now())
}

fn create(file: &Path) -> Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 20, File::create(file)?))
}

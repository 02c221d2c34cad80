use std::env;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::app::AppPackage;
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
    let package = AppPackage::new("com.example.bench")
        .now(UtcDateTime::from(SystemTime::now()))
        .extension("widget")
        .watch_app("watch")
        .framework("kit");
    let noise = (0..entries).map(|seed| {
        let content = Content::Noise { bytes: bytes / entries, seed };
        Entry::file(format!("Payload/Bench.app/Assets/{seed:05}.bin"), content).stored()
    });
    package.archive().entries(noise).write_to(BufWriter::with_capacity(1 << 20, File::create(file)?))?;
    Ok(())
}

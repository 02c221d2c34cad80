//! What happens to the disk depot when things go wrong: a full disk, a read-only one, a kill.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a skipped test says so; a child process reports"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bytes::Bytes;
use depot::{
    BlobKey, BlobWriter, Depot as _, DepotError, Disk,
    contract::{depot_contract, read_range, sample_bytes},
};
use tempfile::TempDir;
use time::UtcDateTime;
use uuid::Uuid;

/// A small file system in memory, gone with the value.
struct Tmpfs(TempDir);

impl Tmpfs {
    /// `None`, loudly, where mounting is not allowed.
    fn mount(size_bytes: usize) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size_bytes}"), "tmpfs"])
            .arg(dir.path())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("SKIPPED: mounting a tmpfs is refused here");
        }
        mounted.then_some(Self(dir))
    }

    fn remount(&self, option: &str) {
        let status =
            Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(self.path()).status();
        assert!(status.unwrap().success(), "remount,{option}");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "a tmpfs is unmounted");
    }
}

fn new_key() -> BlobKey {
    BlobKey::new(Uuid::now_v7())
}

fn incoming(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder.join("incoming")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

async fn fill(writer: &mut Box<dyn BlobWriter>, pieces: usize) -> Result<(), DepotError> {
    for _ in 0..pieces {
        writer.write(sample_bytes(300_000).into()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_refuses_the_upload_and_gives_its_room_back() {
    let Some(tmpfs) = Tmpfs::mount(8 * 1024 * 1024) else { return };
    let depot = Disk::open(tmpfs.path()).unwrap();
    let key = new_key();
    let mut writer = depot.create(key).await.unwrap();
    let error = fill(&mut writer, 40).await.unwrap_err();
    assert!(matches!(error, DepotError::NoSpace(..)), "{error:?}");
    assert!(incoming(tmpfs.path()).is_empty(), "what was written is removed at once");
    let again = writer.write(Bytes::from_static(b"more")).await.unwrap_err();
    assert!(matches!(again, DepotError::Failed(found) if found == key), "{again:?}");
    let never = writer.finish().await.unwrap_err();
    assert!(matches!(never, DepotError::Failed(found) if found == key), "{never:?}");
    assert!(matches!(depot.open(key).await, Err(DepotError::NotFound(_))));

    let free_bytes = depot.free_bytes().await.unwrap().unwrap();
    assert!((7_000_000..=8 * 1024 * 1024).contains(&free_bytes), "{free_bytes} bytes are free again");
    depot_contract(&depot).await;
}

#[tokio::test]
async fn the_last_bytes_that_do_not_fit_fail_the_finish() {
    let Some(tmpfs) = Tmpfs::mount(1024 * 1024) else { return };
    let depot = Disk::open(tmpfs.path()).unwrap();
    let mut writer = depot.create(new_key()).await.unwrap();
    fill(&mut writer, 4).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert!(matches!(error, DepotError::NoSpace(..)), "{error:?}");
    assert!(incoming(tmpfs.path()).is_empty(), "what was written is removed");
}

#[tokio::test]
async fn a_full_disk_fails_the_check() {
    let Some(tmpfs) = Tmpfs::mount(1024 * 1024) else { return };
    let depot = Disk::open(tmpfs.path()).unwrap();
    depot.check().await.unwrap();
    let _ = fs::File::create(tmpfs.path().join("ballast")).unwrap().write_all(&vec![1; 2 * 1024 * 1024]);
    assert!(matches!(depot.check().await, Err(DepotError::NoSpace(..))));
    assert_eq!(depot.free_bytes().await.unwrap(), Some(0));
}

#[tokio::test]
async fn a_read_only_disk_still_serves_and_says_what_is_wrong() {
    let Some(tmpfs) = Tmpfs::mount(8 * 1024 * 1024) else { return };
    let depot = Disk::open(tmpfs.path()).unwrap();
    let key = new_key();
    let mut writer = depot.create(key).await.unwrap();
    writer.write(Bytes::from_static(b"from better days")).await.unwrap();
    writer.finish().await.unwrap();
    tmpfs.remount("ro");

    let blob = depot.open(key).await.unwrap();
    assert_eq!(read_range(&blob, 5..11).await, b"better");
    assert_eq!(depot.list(None, 10).await.unwrap().len(), 1);
    assert!(matches!(depot.create(new_key()).await, Err(DepotError::ReadOnly(..))), "create");
    assert!(matches!(depot.delete(key).await, Err(DepotError::ReadOnly(..))), "delete");
    assert!(matches!(depot.check().await, Err(DepotError::ReadOnly(..))), "check");
    Disk::open(tmpfs.path()).expect("what is there already can still be opened");
    let elsewhere = tmpfs.path().join("elsewhere");
    assert!(matches!(Disk::open(&elsewhere), Err(DepotError::ReadOnly(..))), "open");
}

/// Set for the process that [`a_kill_in_mid_write_leaves_only_what_a_sweep_removes`] kills.
const VICTIM: &str = "DEPOT_VICTIM_FOLDER";

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test tells its own child process where to write")]
async fn a_kill_in_mid_write_leaves_only_what_a_sweep_removes() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        write_until_killed(Path::new(&folder)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_kill_in_mid_write_leaves_only_what_a_sweep_removes", "--nocapture"])
        .env(VICTIM, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let key: BlobKey = BufReader::new(victim.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix("finished ")?.parse().ok())
        .unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();

    let depot = Disk::open(dir.path()).unwrap();
    let blob = depot.open(key).await.unwrap();
    assert!(
        read_range(&blob, 0..blob.size_bytes()).await == sample_bytes(300_000),
        "an acknowledged blob is whole"
    );
    assert_eq!(depot.list(None, 10).await.unwrap().len(), 1, "an unfinished one is not there");
    assert_eq!(incoming(dir.path()).len(), 1, "its bytes are");
    assert_eq!(depot.sweep(UtcDateTime::MAX).await.unwrap().count, 1);
    assert!(incoming(dir.path()).is_empty(), "a sweep removes them");
}

/// Finishes one blob, says so in mid-write of another, and never comes back.
async fn write_until_killed(folder: &Path) -> ! {
    let depot = Disk::open(folder).unwrap();
    let key = new_key();
    let mut first = depot.create(key).await.unwrap();
    fill(&mut first, 1).await.unwrap();
    first.finish().await.unwrap();
    let mut second = depot.create(new_key()).await.unwrap();
    fill(&mut second, 10).await.unwrap();
    println!("\nfinished {key}");
    loop {
        fill(&mut second, 1).await.unwrap();
    }
}

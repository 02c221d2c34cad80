//! Disks that are full or can't be written.

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Download, Protocol, ServerFolder};

use crate::bench::{BINARY, Bench, files, package};

/// A small file system in memory, taken away again at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, said loudly, where this machine does not let the test mount one.
    fn mount(folder: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir(folder).expect("a folder to mount on");
        if run("mount", &["-t", "tmpfs", "-o", options, "airstair-test"], folder) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("SKIPPED: nothing can be mounted here, so a full or read-only disk can't be tried");
        None
    }

    fn remount(&self, options: &str) {
        assert!(run("mount", &["-o", options], &self.0), "mount -o {options}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &[], &self.0);
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> bool {
    Command::new(program).args(arguments).arg(folder).output().is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_upload_in_words_and_keeps_nothing_of_it() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = SmallDisk::mount(&place.path().join("disk"), "size=12m") else { return };
    let bench = Bench::on(ServerFolder::new(BINARY.as_ref()).with_data(&disk.0.join("data")));
    let depot = bench.folder.data().join("depot");
    let first = bench.publish(&package(1, 100_000).build());
    let before = files(&depot);

    // Announced with its length, which is refused before the first byte.
    let ended = bench.try_publish(&package(2, 20_000_000).build());
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("the server has room for"), "{ended}");
    assert_eq!(files(&depot), before, "nothing is left of what was refused");

    // Other files have taken the room.
    let filler = disk.0.join("filler");
    fill(&filler, 400_000);
    let ended = bench.try_publish(&package(3, 2_000_000).build());
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("room"), "{ended}");
    assert_eq!(files(&depot), before, "nothing is left of what was refused");

    std::fs::remove_file(&filler).expect("a file to remove");
    let next = bench.publish(&package(4, 100_000).build());
    let device = bench.device(Protocol::Http2);
    for expected in [&first, &next] {
        let page = device.open_page(&expected.build_url).await.expect("a page");
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert_eq!(installed.sha256, expected.sha256);
    }
    let ended = bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
}

/// Writes until only so many bytes are free.
fn fill(file: &Path, leave_bytes: u64) {
    use std::io::Write;
    let folder = file.parent().expect("a file in a folder");
    let mut out = std::fs::File::create(file).expect("room for an empty file");
    let free = || {
        let stat = rustix::fs::statvfs(folder).expect("a mounted file system");
        stat.f_bavail * stat.f_frsize
    };
    while free() > leave_bytes {
        out.write_all(&[0; 4_096]).expect("room, as was just said");
    }
}

#[test]
fn a_data_directory_that_cant_be_written_is_told() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = SmallDisk::mount(&place.path().join("disk"), "size=12m") else { return };
    let folder = ServerFolder::new(BINARY.as_ref()).with_data(&disk.0.join("data"));
    let new = ServerFolder::new(BINARY.as_ref()).with_data(&disk.0.join("new"));
    assert_eq!(folder.start().expect("a server that starts").stop().code, Some(0));
    disk.remount("remount,ro");
    for (what, folder) in [("a directory from before", &folder), ("a directory to be made", &new)] {
        let ended = folder.start().expect_err(what);
        assert_eq!(ended.code, Some(3), "{what}: {ended}");
        assert!(ended.stderr.contains("Read-only file system"), "{what}: {ended}");
        assert!(ended.stderr.contains(&*folder.data().to_string_lossy()), "{what}: {ended}");
    }
    disk.remount("remount,rw");
    assert_eq!(folder.start().expect("a disk that can be written again").stop().code, Some(0));
}

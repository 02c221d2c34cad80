//! Disks that are full or can't be written.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::{Download, Protocol, ServerFolder, trusting};
use reqwest::{Body, StatusCode, Version};
use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;

use crate::bench::{Acknowledged, BINARY, Bench, files, package};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_unknown_length_ends_where_the_room_does() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = SmallDisk::mount(&place.path().join("disk"), "size=12m") else { return };
    let bench = Bench::on(ServerFolder::new(BINARY.as_ref()).with_data(&disk.0.join("data")));
    let depot = bench.folder.data().join("depot");
    let package = package(1, 20_000_000).build();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (answer, pieces) = begin_upload(&bench, version);
        for piece in package.chunks(100_000) {
            // Whoever is refused reads no more.
            let _ = pieces.send(Ok(piece.to_vec()));
        }
        drop(pieces);
        let (status, refusal) = answer.await.expect("an answer");
        assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{version:?}: {refusal}");
        assert_eq!(refusal["error"], "no-room", "{version:?}: {refusal}");
        let message = refusal["message"].as_str().expect("a sentence");
        assert!(message.contains("the server has room for"), "{version:?}: {message}");
        assert_eq!(files(&depot), Vec::<PathBuf>::new(), "{version:?}: nothing is left of what was refused");
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_under_an_upload_is_told_and_what_had_arrived_is_gone() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = SmallDisk::mount(&place.path().join("disk"), "size=12m") else { return };
    let bench = Bench::on(ServerFolder::new(BINARY.as_ref()).with_data(&disk.0.join("data")));
    let depot = bench.folder.data().join("depot");
    let first = bench.publish(&package(1, 100_000).build());
    let filler = disk.0.join("filler");
    for (number, version) in [(2, Version::HTTP_11), (3, Version::HTTP_2)] {
        let before = files(&depot);
        let (answer, pieces) = begin_upload(&bench, version);
        let package_bytes = package(number, 5_000_000).build();
        let (begin, rest) = package_bytes.split_at(1_000_000);
        pieces.send(Ok(begin.to_vec())).expect("a server that reads");
        while files(&depot) == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        fill(&filler, 0);
        for piece in rest.chunks(100_000) {
            // Whoever is refused reads no more.
            let _ = pieces.send(Ok(piece.to_vec()));
        }
        drop(pieces);
        let (status, refusal) = answer.await.expect("an answer");
        assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{version:?}: {refusal}");
        assert_eq!(refusal["error"], "no-room", "{version:?}: {refusal}");
        assert_eq!(refusal["message"], "the server's disk is full; tell its owner", "{version:?}");
        assert_eq!(files(&depot), before, "{version:?}: nothing is left of what was refused");

        std::fs::remove_file(&filler).expect("a file to remove");
        let (answer, pieces) = begin_upload(&bench, version);
        pieces.send(Ok(package(number, 100_000).build())).expect("a server that reads");
        drop(pieces);
        let (status, taken) = answer.await.expect("an answer");
        assert_eq!(status, StatusCode::CREATED, "{version:?}: {taken}");
    }
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&first.build_url).await.expect("a page");
    device.tap(&page, &Download::Whole).await.expect("the build from before, still");
    let ended = bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_whose_disk_is_full_is_told_and_shows_nothing_of_the_upload() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = SmallDisk::mount(&place.path().join("disk"), "size=12m") else { return };
    let data = disk.0.join("data");
    // Packages have room of their own.
    let elsewhere = place.path().join("depot");
    for folder in [&data, &elsewhere] {
        std::fs::create_dir(folder).expect("a folder to make");
    }
    std::os::unix::fs::symlink(&elsewhere, data.join("depot")).expect("a link to make");
    let bench = Bench::on(ServerFolder::new(BINARY.as_ref()).with_data(&data));
    let mut taken = bench.publish(&package(1, 1_000).build());
    let filler = disk.0.join("filler");
    fill(&filler, 0);
    let mut number = 1;
    let (status, refusal) = loop {
        number += 1;
        assert!(number < 100, "a full disk takes all of them");
        let before = files(&elsewhere);
        let (answer, pieces) = begin_upload(&bench, Version::HTTP_2);
        pieces.send(Ok(package(number, 1_000).build())).expect("a server that reads");
        drop(pieces);
        let (status, told) = answer.await.expect("an answer");
        if status != StatusCode::CREATED {
            assert_eq!(files(&elsewhere), before, "nothing is left of what was refused");
            break (status, told);
        }
        // The log still had room.
        taken = Acknowledged::read_json(&told);
    };
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{refusal}");
    assert_eq!(refusal["message"], "the server's disk is full; tell its owner");
    let device = bench.device(Protocol::Http2);
    device.open_page(&taken.page_url).await.expect("a page, which writes nothing");

    std::fs::remove_file(&filler).expect("a file to remove");
    let page = device.open_page(&taken.build_url).await.expect("a page");
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert_eq!(installed.sha256, taken.sha256);
    let next = bench.publish(&package(number, 1_000).build());
    assert_eq!(next.outcome, "new-build", "nothing of it had been kept");
    let ended = bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stderr.contains("the store has no room left"), "{ended}");
}

type Piece = Result<Vec<u8>, Infallible>;

/// Begins to upload without saying how much will come. Dropping the sender ends the package.
fn begin_upload(
    bench: &Bench,
    version: Version,
) -> (JoinHandle<(StatusCode, Value)>, UnboundedSender<Piece>) {
    let builder = trusting(&bench.folder.root_pem()).expect("a root to trust");
    let builder = match version {
        Version::HTTP_2 => builder.http2_prior_knowledge(),
        _ => builder.http1_only(),
    };
    let (pieces, mut body) = mpsc::unbounded_channel::<Piece>();
    let body = futures_util::stream::poll_fn(move |context| body.poll_recv(context));
    let url = format!("{}/api/v1/builds?channel=pieces", bench.folder.public_url());
    let request = builder.build().expect("a client").put(url).bearer_auth(&bench.token);
    let sent = request.body(Body::wrap_stream(body)).send();
    let answer = tokio::spawn(async move {
        let answer = sent.await.expect("an answer");
        (answer.status(), answer.json().await.expect("an answer in JSON"))
    });
    (answer, pieces)
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
    // The server may take the last of it meanwhile.
    while free() > leave_bytes && out.write_all(&[0; 4_096]).is_ok() {}
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

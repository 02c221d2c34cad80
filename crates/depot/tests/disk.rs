//! The disk depot: its contract, and what only a disk can show.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use depot::{
    BlobKey, Depot as _, DepotError, Disk, Swept,
    contract::{depot_contract, read_range, sample_bytes},
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use proptest::prelude::*;
use tempfile::TempDir;
use time::UtcDateTime;
use uuid::Uuid;

struct Folder {
    depot: Disk,
    dir: TempDir,
}

fn folder() -> Folder {
    let dir = tempfile::tempdir().unwrap();
    Folder { depot: Disk::open(dir.path()).unwrap(), dir }
}

fn new_key() -> BlobKey {
    BlobKey::new(Uuid::now_v7())
}

/// Where a blob's file is.
fn place(folder: &Path, key: BlobKey) -> PathBuf {
    let name = key.to_string();
    folder.join("blobs").join(&name[32..34]).join(&name[34..36]).join(&name)
}

fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

async fn store(depot: &Disk, bytes: &[u8]) -> BlobKey {
    let key = new_key();
    let mut writer = depot.create(key).await.unwrap();
    writer.write(Bytes::copy_from_slice(bytes)).await.unwrap();
    writer.finish().await.unwrap();
    key
}

#[tokio::test]
async fn a_disk_keeps_the_contract() {
    let Folder { depot, dir } = folder();
    depot_contract(&depot).await;
    assert_eq!(names(&dir.path().join("incoming")), Vec::<PathBuf>::new(), "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_keeps_the_contract_on_several_threads() {
    let Folder { depot, dir: _dir } = folder();
    depot_contract(&depot).await;
}

#[tokio::test]
async fn blobs_outlive_the_handle_that_stored_them() {
    let Folder { depot, dir } = folder();
    let key = store(&depot, b"still here").await;
    drop(depot);
    let blob = Disk::open(dir.path()).unwrap().open(key).await.unwrap();
    assert_eq!(read_range(&blob, 0..10).await, b"still here");
}

#[tokio::test]
async fn a_blob_stands_under_the_random_end_of_its_key_and_is_private() {
    let Folder { depot, dir } = folder();
    let key: BlobKey = "01936e3c-8f00-7a11-9c2e-5b1f0d2a77e4".parse().unwrap();
    depot.create(key).await.unwrap().finish().await.unwrap();
    let file = dir.path().join("blobs/77/e4/01936e3c-8f00-7a11-9c2e-5b1f0d2a77e4");
    for (path, mode) in
        [(file.as_path(), 0o600), (file.parent().unwrap(), 0o700), (&dir.path().join("incoming"), 0o700)]
    {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[tokio::test]
async fn foreign_files_in_the_folders_are_left_alone_and_not_listed() {
    let Folder { depot, dir } = folder();
    let key = store(&depot, b"ours").await;
    let shelf = dir.path().join("blobs/zz");
    fs::create_dir_all(&shelf).unwrap();
    fs::create_dir_all(dir.path().join("blobs/+1")).unwrap();
    fs::write(shelf.join("note.txt"), "theirs").unwrap();
    fs::write(dir.path().join("blobs/lost+found"), "theirs").unwrap();
    let listed = depot.list(None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.key).collect::<Vec<_>>(), [key]);
}

#[tokio::test]
async fn two_writers_of_one_key_are_told_apart() {
    let Folder { depot, dir: _dir } = folder();
    let key = new_key();
    let mut first = depot.create(key).await.unwrap();
    assert!(matches!(depot.create(key).await, Err(DepotError::Exists(found)) if found == key));
    first.write(Bytes::from_static(b"first")).await.unwrap();
    assert_eq!(first.finish().await.unwrap().size_bytes, 5);
    assert!(matches!(depot.create(key).await, Err(DepotError::Exists(_))));
}

#[tokio::test]
async fn a_blob_deleted_while_it_is_served_is_served_to_its_end() {
    let Folder { depot, dir: _dir } = folder();
    let bytes = sample_bytes(700_000);
    let key = store(&depot, &bytes).await;
    let blob = depot.open(key).await.unwrap();
    depot.delete(key).await.unwrap();
    assert!(read_range(&blob, 0..700_000).await == bytes);
}

#[tokio::test]
async fn a_file_cut_short_under_a_stream_is_an_error_not_a_short_body() {
    let Folder { depot, dir } = folder();
    let key = store(&depot, &sample_bytes(700_000)).await;
    let blob = depot.open(key).await.unwrap();
    fs::File::options().write(true).open(place(dir.path(), key)).unwrap().set_len(300_000).unwrap();
    let pieces: Vec<_> = blob.stream(0..700_000).unwrap().collect().await;
    let (last, whole) = pieces.split_last().unwrap();
    assert_eq!(last.as_ref().unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(whole.iter().map(|piece| piece.as_ref().unwrap().len()).sum::<usize>(), 300_000);
}

#[tokio::test]
async fn memory_is_used_again_only_after_the_reader_let_go_of_it() {
    let Folder { depot, dir: _dir } = folder();
    let bytes = sample_bytes(3_000_000);
    let blob = depot.open(store(&depot, &bytes).await).await.unwrap();
    let held: Vec<Bytes> = blob.stream(0..3_000_000).unwrap().try_collect().await.unwrap();
    assert!(held.concat() == bytes, "pieces that are held keep their bytes");
    let mut stream = blob.stream(0..3_000_000).unwrap();
    let mut places = Vec::new();
    while let Some(piece) = stream.try_next().await.unwrap() {
        places.push(piece.as_ptr());
    }
    places.sort_unstable();
    places.dedup();
    assert!(places.len() <= 2, "{} pieces of memory for a reader that holds one", places.len());
}

#[tokio::test]
async fn a_blob_that_is_not_cached_is_read_from_the_disk() {
    let Folder { depot, dir } = folder();
    let bytes = sample_bytes(1_500_000);
    let key = store(&depot, &bytes).await;
    let file = fs::File::open(place(dir.path(), key)).unwrap();
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let blob = depot.open(key).await.unwrap();
    assert!(read_range(&blob, 700_000..1_500_000).await == bytes[700_000..], "the end, nothing of it cached");
    assert!(read_range(&blob, 0..1_500_000).await == bytes, "all of it, some cached and some not");
}

#[test]
fn a_single_thread_serves_any_number_of_slow_clients() {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let Folder { depot, dir: _dir } = folder();
        let bytes = sample_bytes(1_200_000);
        let mut uploads = Vec::new();
        for _ in 0..40 {
            let key = new_key();
            uploads.push((key, depot.create(key).await.unwrap()));
        }
        // In step, so that each is in mid-upload while the others want a thread.
        for piece in bytes.chunks(400_000) {
            for (_, writer) in &mut uploads {
                writer.write(Bytes::copy_from_slice(piece)).await.unwrap();
            }
        }
        let mut downloads = Vec::new();
        for (key, writer) in uploads {
            writer.finish().await.unwrap();
            downloads.push((depot.open(key).await.unwrap().stream(0..1_200_000).unwrap(), Vec::new()));
        }
        while downloads[0].1.len() < bytes.len() {
            for (stream, read) in &mut downloads {
                read.extend_from_slice(&stream.try_next().await.unwrap().unwrap());
            }
        }
        assert!(downloads.iter().all(|(_, read)| *read == bytes));
    });
}

#[tokio::test]
async fn a_sweep_takes_what_is_old_and_has_no_writer() {
    let Folder { depot, dir } = folder();
    let leftover = dir.path().join("incoming").join(new_key().to_string());
    fs::write(&leftover, [0; 1000]).unwrap();
    let modified: UtcDateTime = fs::metadata(&leftover).unwrap().modified().unwrap().into();
    let mut alive = depot.create(new_key()).await.unwrap();
    alive.write(sample_bytes(2_000_000).into()).await.unwrap();

    assert_eq!(depot.sweep(modified).await.unwrap(), Swept::default(), "as old as the limit is not older");
    let later = modified + time::Duration::hours(1);
    assert_eq!(depot.sweep(later).await.unwrap(), Swept { count: 1, size_bytes: 1000 });
    assert!(!leftover.exists());
    assert_eq!(alive.finish().await.unwrap().size_bytes, 2_000_000, "a writer at work is spared");
}

#[tokio::test]
async fn the_age_of_a_blob_counts_from_its_end() {
    let Folder { depot, dir } = folder();
    let writer = depot.create(new_key()).await.unwrap();
    let desk = names(&dir.path().join("incoming")).remove(0);
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(desk).unwrap().set_modified(long_ago).unwrap();
    writer.finish().await.unwrap();
    let row = depot.list(None, 1).await.unwrap().remove(0);
    assert!(row.modified_at > UtcDateTime::UNIX_EPOCH + time::Duration::days(10_000), "{}", row.modified_at);
}

#[tokio::test]
async fn a_depot_over_two_file_systems_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/shm", dir.path().join("incoming")).unwrap();
    let device = |path: &Path| std::os::unix::fs::MetadataExt::dev(&fs::metadata(path).unwrap());
    if !Path::new("/dev/shm").is_dir() || device(Path::new("/dev/shm")) == device(dir.path()) {
        eprintln!("SKIPPED: /dev/shm is no file system of its own here");
        return;
    }
    assert!(matches!(Disk::open(dir.path()), Err(DepotError::Divided)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_of_any_blob_gives_its_bytes(len in 0usize..700_000, cuts in any::<[proptest::sample::Index; 2]>(), piece in 1usize..400_000) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let Folder { depot, dir: _dir } = folder();
            let bytes = sample_bytes(len);
            let key = new_key();
            let mut writer = depot.create(key).await.unwrap();
            for piece in bytes.chunks(piece) {
                writer.write(Bytes::copy_from_slice(piece)).await.unwrap();
            }
            writer.finish().await.unwrap();
            let mut cuts = cuts.map(|cut| cut.index(len + 1));
            cuts.sort_unstable();
            let [start, end] = cuts;
            let blob = depot.open(key).await.unwrap();
            prop_assert!(read_range(&blob, start as u64..end as u64).await == bytes[start..end]);
            Ok(())
        })?;
    }
}

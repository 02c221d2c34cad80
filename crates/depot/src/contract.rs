//! What every depot must keep to: run [`depot_contract`] against each implementation.
//!
//! Needs the feature `contract`. It makes its own random keys, removes what it stored, and minds nothing that others
//! keep in the same storage.

use std::{future::poll_fn, ops::Range, pin::Pin};

use bytes::Bytes;
use futures_core::Stream as _;
use ring::digest;
use time::UtcDateTime;
use uuid::Uuid;

use crate::{Blob, BlobKey, BlobWriter, Depot, DepotError, ListedBlob};

/// More than two pieces of a stream and two batches of a writer, and a multiple of nothing.
const LARGE_BYTES: usize = 2_621_497;

/// Puts `depot` through everything its trait promises.
///
/// # Panics
///
/// Panics where a promise is broken.
pub async fn depot_contract(depot: &dyn Depot) {
    what_is_stored_is_what_comes_back(depot).await;
    every_range_gives_exactly_its_bytes(depot).await;
    a_stored_key_is_refused(depot).await;
    an_unfinished_blob_does_not_exist(depot).await;
    a_deleted_blob_is_gone(depot).await;
    a_walk_lists_each_blob_once(depot).await;
    a_sweep_spares_finished_blobs(depot).await;
    depot.check().await.expect("a working depot passes its own check");
    if let Some(free_bytes) = depot.free_bytes().await.expect("free space is known or unbounded") {
        assert!(free_bytes > 0, "a depot that just stored blobs has room");
    }
}

/// Bytes that differ from place to place, so that a wrong offset shows.
#[must_use]
pub fn sample_bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| at.to_le_bytes().into_iter().fold(0, |sum, byte| sum ^ byte)).collect()
}

/// Collects `range` of a blob.
///
/// # Panics
///
/// Panics when the stream fails, gives an empty piece, or one of more than 128 KiB.
pub async fn read_range(blob: &Blob, range: Range<u64>) -> Vec<u8> {
    let mut stream = blob.stream(range).expect("the range is within the blob");
    let mut bytes = Vec::new();
    while let Some(piece) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        let piece = piece.expect("the blob can be read");
        assert!(!piece.is_empty() && piece.len() <= 128 * 1024, "a piece of {} bytes", piece.len());
        bytes.extend_from_slice(&piece);
    }
    bytes
}

async fn what_is_stored_is_what_comes_back(depot: &dyn Depot) {
    for (len, piece) in
        [(0, 1), (1, 1), (65_536, 1), (1_048_576, 16_384), (LARGE_BYTES, 10_007), (LARGE_BYTES, LARGE_BYTES)]
    {
        let bytes = sample_bytes(len);
        let key = new_key();
        let mut writer = create(depot, key).await;
        for piece in bytes.chunks(piece) {
            writer.write(Bytes::copy_from_slice(piece)).await.expect("bytes are taken");
            writer.write(Bytes::new()).await.expect("no bytes are taken too");
        }
        let stored = writer.finish().await.expect("a blob is finished");
        assert_eq!(stored.key, key);
        assert_eq!(stored.size_bytes, len as u64);
        assert_eq!(stored.sha256, digest::digest(&digest::SHA256, &bytes).as_ref(), "{len} bytes by {piece}");

        let blob = depot.open(key).await.expect("a finished blob can be opened");
        assert_eq!(blob.size_bytes(), len as u64);
        assert!(read_range(&blob, 0..len as u64).await == bytes, "{len} bytes by {piece} come back");

        let reader = depot.reader(key).await.expect("a finished blob can be inspected");
        let read = tokio::task::spawn_blocking(move || {
            let mut read = vec![0; usize::try_from(reader.len()).expect("small enough")];
            reader.read_exact_at(0, &mut read).map(|()| read)
        });
        assert!(read.await.expect("reading does not panic").expect("the reader reads") == bytes);
        delete(depot, key).await;
    }
}

async fn every_range_gives_exactly_its_bytes(depot: &dyn Depot) {
    let bytes = sample_bytes(LARGE_BYTES);
    let size = LARGE_BYTES as u64;
    let key = store(depot, &bytes).await;
    let blob = depot.open(key).await.expect("a finished blob can be opened");

    let piece = 128 * 1024;
    let edges = [0, 1, 4095, 4096, 4097, piece - 1, piece, piece + 1, 2 * piece, size / 2, size - 1, size];
    for start in edges {
        for end in edges.into_iter().filter(|end| *end >= start) {
            let expected =
                &bytes[usize::try_from(start).expect("small")..usize::try_from(end).expect("small")];
            assert!(read_range(&blob, start..end).await == expected, "bytes {start}..{end}");
        }
    }
    for (start, end) in
        [(0, size + 1), (size, size + 1), (size + 1, size + 1), (2, 1), (u64::MAX, 0), (0, u64::MAX)]
    {
        let refused = blob.stream(Range { start, end }).expect_err("a range outside of the blob is refused");
        assert!(matches!(refused, DepotError::Range { size_bytes, .. } if size_bytes == size), "{refused}");
    }
    delete(depot, key).await;
}

async fn a_stored_key_is_refused(depot: &dyn Depot) {
    let key = store(depot, b"first").await;
    match depot.create(key).await {
        Err(DepotError::Exists(found)) => assert_eq!(found, key),
        Err(other) => unreachable!("a stored key is refused with {other}"),
        Ok(_) => unreachable!("a stored key is refused"),
    }
    let blob = depot.open(key).await.expect("the first blob stays");
    assert_eq!(read_range(&blob, 0..5).await, b"first", "a refused second blob changes nothing");
    delete(depot, key).await;
}

async fn an_unfinished_blob_does_not_exist(depot: &dyn Depot) {
    let key = new_key();
    let mut writer = create(depot, key).await;
    writer.write(sample_bytes(LARGE_BYTES).into()).await.expect("bytes are taken");
    assert_absent(depot, key, "while it is written").await;
    writer.abort().await.expect("a blob can be aborted");
    assert_absent(depot, key, "after it was aborted").await;

    let mut writer = create(depot, key).await;
    writer.write(Bytes::from_static(b"dropped")).await.expect("bytes are taken");
    drop(writer);
    assert_absent(depot, key, "after its writer was dropped").await;
}

async fn a_deleted_blob_is_gone(depot: &dyn Depot) {
    let key = store(depot, b"short-lived").await;
    delete(depot, key).await;
    assert_absent(depot, key, "after it was deleted").await;
    delete(depot, key).await;
    let again = create(depot, key).await.finish().await.expect("a deleted key is free again");
    assert_eq!(again.size_bytes, 0);
    delete(depot, key).await;
}

async fn a_walk_lists_each_blob_once(depot: &dyn Depot) {
    let mut stored = Vec::new();
    for len in 0..7 {
        stored.push(store(depot, &sample_bytes(len)).await);
    }
    for limit in [1, 2, 3, 1000] {
        let listed = walk(depot, limit).await;
        for (len, key) in stored.iter().enumerate() {
            let rows: Vec<&ListedBlob> = listed.iter().filter(|row| row.key == *key).collect();
            assert_eq!(rows.len(), 1, "a walk by {limit} lists the blob once");
            assert_eq!(rows[0].size_bytes, len as u64);
            assert!(
                rows[0].modified_at > UtcDateTime::UNIX_EPOCH + time::Duration::days(365 * 50),
                "a plausible time"
            );
        }
    }
    // A garbage collector deletes the row it stands on, and goes on from there.
    let mut left = stored.clone();
    let mut after = None;
    while let Some(last) = page(depot, after, 2).await.last() {
        after = Some(last.key);
        if left.contains(&last.key) {
            delete(depot, last.key).await;
            left.retain(|key| *key != last.key);
        }
    }
    let listed = walk(depot, 1000).await;
    assert!(
        left.iter().all(|key| listed.iter().any(|row| row.key == *key)),
        "blobs not deleted are still listed"
    );
    for key in stored {
        delete(depot, key).await;
    }
}

async fn a_sweep_spares_finished_blobs(depot: &dyn Depot) {
    let key = store(depot, b"kept").await;
    depot.sweep(UtcDateTime::UNIX_EPOCH).await.expect("a sweep of nothing works");
    depot.sweep(UtcDateTime::MAX).await.expect("a sweep works");
    let blob = depot.open(key).await.expect("a finished blob is not swept");
    assert_eq!(read_range(&blob, 0..4).await, b"kept");
    delete(depot, key).await;
}

fn new_key() -> BlobKey {
    BlobKey::new(Uuid::now_v7())
}

async fn create(depot: &dyn Depot, key: BlobKey) -> Box<dyn BlobWriter> {
    depot.create(key).await.expect("a new blob can be begun")
}

async fn store(depot: &dyn Depot, bytes: &[u8]) -> BlobKey {
    let key = new_key();
    let mut writer = create(depot, key).await;
    writer.write(Bytes::copy_from_slice(bytes)).await.expect("bytes are taken");
    writer.finish().await.expect("a blob is finished");
    key
}

async fn delete(depot: &dyn Depot, key: BlobKey) {
    depot.delete(key).await.expect("a blob can be deleted");
}

async fn page(depot: &dyn Depot, after: Option<BlobKey>, limit: usize) -> Vec<ListedBlob> {
    let page = depot.list(after, limit).await.expect("blobs can be listed");
    assert!(page.len() <= limit, "{} rows where {limit} were asked for", page.len());
    page
}

async fn walk(depot: &dyn Depot, limit: usize) -> Vec<ListedBlob> {
    let mut rows: Vec<ListedBlob> = Vec::new();
    loop {
        let next = page(depot, rows.last().map(|row| row.key), limit).await;
        if next.is_empty() {
            return rows;
        }
        rows.extend(next);
    }
}

async fn assert_absent(depot: &dyn Depot, key: BlobKey, when: &str) {
    assert!(
        matches!(depot.open(key).await, Err(DepotError::NotFound(found)) if found == key),
        "opened {when}"
    );
    assert!(
        matches!(depot.reader(key).await, Err(DepotError::NotFound(found)) if found == key),
        "read {when}"
    );
    assert!(walk(depot, 1000).await.iter().all(|row| row.key != key), "listed {when}");
}

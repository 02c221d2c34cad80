//! Notes on uploads that were begun: what a crash leaves is found by them, also on storage that can't list uploads.

use futures_util::TryStreamExt as _;
use object_store::multipart::MultipartStore as _;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutPayload};
use time::UtcDateTime;

use super::failure::Purpose;
use super::{Bucket, found, modified_at};
use crate::{BlobKey, DepotError, Swept};

const SWEEPING: &str = "sweeping up";

/// Writes down that an upload was begun.
pub(super) async fn note(bucket: &Bucket, key: BlobKey, upload: &str) -> Result<(), DepotError> {
    let written = bucket.store.put(&bucket.note(key), PutPayload::from(upload.to_owned().into_bytes())).await;
    bucket.health.heard(Purpose::Writing, "beginning a blob", written).map(drop)
}

/// Gives an upload up, and forgets it.
pub(super) async fn abandon(bucket: &Bucket, key: BlobKey, upload: &String) -> Result<(), DepotError> {
    let doing = "removing an aborted blob";
    let aborted = bucket.store.abort_multipart(&bucket.place(key), upload).await;
    // It may be completed or given up already.
    found(bucket.health.heard(Purpose::Writing, doing, aborted))?;
    bucket.delete(&bucket.note(key), doing).await
}

/// Gives up what was begun before `before`.
pub(super) async fn sweep(bucket: &Bucket, before: UtcDateTime) -> Result<Swept, DepotError> {
    let mut swept = Swept::default();
    let mut trouble = None;
    let incoming = bucket.incoming();
    let mut notes = bucket.store.list(Some(&incoming));
    while let Some(note) = bucket.health.heard(Purpose::Reading, SWEEPING, notes.try_next().await)? {
        if modified_at(&note) >= before {
            continue;
        }
        match sweep_one(bucket, &note).await {
            Ok(true) => swept.count += 1,
            Ok(false) => {}
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(swept), Err)
}

/// Says whether there was an upload to give up.
async fn sweep_one(bucket: &Bucket, note: &ObjectMeta) -> Result<bool, DepotError> {
    let Some(key) = note.location.filename().and_then(|name| name.parse::<BlobKey>().ok()) else {
        return Ok(false);
    };
    let text = async { bucket.store.get(&note.location).await?.bytes().await }.await;
    let Some(text) = found(bucket.health.heard(Purpose::Reading, SWEEPING, text))? else {
        // Its writer has finished meanwhile.
        return Ok(false);
    };
    if bucket.head(key).await?.is_some() {
        bucket.delete(&note.location, SWEEPING).await?;
        return Ok(false);
    }
    abandon(bucket, key, &String::from_utf8_lossy(&text).into_owned()).await?;
    Ok(true)
}

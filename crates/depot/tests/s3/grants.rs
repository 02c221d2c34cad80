//! What a key must be allowed, held against what is asked of the storage.

use std::collections::BTreeSet;

use depot::contract::{depot_contract, sample_bytes};
use depot::{BlobKey, Depot, S3};
use e2e::SeenRequest;
use http::Method;
use time::UtcDateTime;
use uuid::Uuid;

use crate::{TWO_PARTS, bucket_of, started};

const GUIDE: &str = include_str!("../../../../docs/guide/object-storage.md");

/// The right that a request needs, as Amazon names it (*Required permissions for Amazon S3 API operations*).
fn right(request: &SeenRequest) -> &'static str {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let first = query.split(['=', '&']).next().unwrap_or_default();
    match (&request.method, first) {
        (&Method::PUT, "" | "partNumber") | (&Method::POST, "uploads" | "uploadId") => "s3:PutObject",
        (&Method::GET | &Method::HEAD, "") => "s3:GetObject",
        (&Method::GET, "list-type" | "prefix" | "start-after") => "s3:ListBucket",
        (&Method::DELETE, "") => "s3:DeleteObject",
        (&Method::DELETE, "uploadId") => "s3:AbortMultipartUpload",
        _ => unreachable!("a request that the guide does not know: {request:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_the_rights_that_the_guide_lists_and_no_other() {
    let storage = started().await;
    let depot = S3::new(&bucket_of(&storage)).unwrap();
    depot.check().await.unwrap();
    depot_contract(&depot).await;
    for end in [false, true] {
        let key = BlobKey::new(Uuid::now_v7());
        let mut writer = depot.create(key).await.unwrap();
        writer.write(sample_bytes(TWO_PARTS).into()).await.unwrap();
        if end {
            writer.finish().await.unwrap();
        } else {
            // As a kill would: nobody tidies up.
            std::mem::forget(writer);
        }
    }
    depot.sweep(UtcDateTime::MAX).await.unwrap();

    let needed: BTreeSet<_> = storage.seen().iter().map(right).collect();
    let section = GUIDE.split("## ").find(|section| section.starts_with("What to grant")).unwrap();
    let listed: BTreeSet<_> = section.split('`').filter(|word| word.starts_with("s3:")).collect();
    assert_eq!(needed, listed);
}

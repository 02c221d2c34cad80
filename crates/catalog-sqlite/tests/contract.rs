//! The contract of the catalog, on real files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use catalog::Catalog;
use catalog::contract::contract;
use catalog_sqlite::SqliteCatalog;

#[tokio::test]
async fn sqlite_keeps_the_contract_of_the_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let count = AtomicU32::new(0);
    contract(async || {
        let name = format!("{}.db", count.fetch_add(1, Ordering::Relaxed));
        Arc::new(SqliteCatalog::open(&folder.path().join(name)).await.unwrap()) as Arc<dyn Catalog>
    })
    .await;
}

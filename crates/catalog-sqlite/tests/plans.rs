//! No query reads through a table that grows.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use catalog::Catalog;
use catalog_sqlite::SqliteCatalog;

/// What a plan may scan: a table that stays small whatever happens, and what the query itself brings.
const SCANNED: [&str; 2] = ["SCAN ticket_keys USING INDEX", "SCAN CONSTANT ROW"];

#[tokio::test]
async fn every_query_goes_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    SqliteCatalog::open(&path).await.unwrap().close().await;
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let queries = prepared();
    assert!(queries.len() > 40, "{} queries are too few to be all", queries.len());
    let mut slow = Vec::new();
    for query in queries {
        // SQLite plans for the number that is bound as a limit, and plans anew whenever one is bound; not behind a plus.
        if query.contains("LIMIT ?") {
            slow.push(format!("planned at every use: {query}"));
        }
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}")));
        for step in plan.fetch_all(&mut connection).await.expect(&query) {
            let step: String = step.get("detail");
            let scans = step.starts_with("SCAN") && !SCANNED.iter().any(|fine| step.starts_with(fine));
            if scans || step.contains("TEMP B-TREE") || step.contains("AUTOMATIC") {
                slow.push(format!("{step}: {query}"));
            }
        }
    }
    connection.close().await.unwrap();
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

/// Every query of this crate, from what the compiler checks them against.
fn prepared() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = folder.read_dir().unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let described = files.map(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).unwrap());
    described.map(|query| query["query"].as_str().unwrap().to_owned()).collect()
}

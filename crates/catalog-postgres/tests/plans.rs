//! No query reads through a table that grows.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use serde_json::Value;

use catalog::Catalog;
use catalog_postgres::PostgresCatalog;
use scratch_postgres::Server;

/// Tables that stay small whatever happens.
const SMALL: [&str; 1] = ["ticket_keys"];

/// What a server with few rows prefers is left out, so that a plan shows what the query and the indexes allow.
const AS_WITH_MANY_ROWS: &str =
    "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan;";

#[tokio::test]
async fn every_query_goes_by_an_index() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = server.database("catalog").parse().unwrap();
    PostgresCatalog::open(&settings).await.unwrap().close().await;
    let queries = prepared();
    assert!(queries.len() > 40, "{} queries are too few to be all", queries.len());
    let mut slow = Vec::new();
    for Prepared { text, parameters } in queries.iter().filter(|query| !query.text.starts_with("LOCK")) {
        let nulls = vec!["NULL"; *parameters].join(", ");
        let arguments = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
        let plan = server.run(
            "catalog",
            &format!("{AS_WITH_MANY_ROWS} PREPARE q AS {text}; EXPLAIN (FORMAT JSON) EXECUTE q{arguments}"),
        );
        let plan: Value = serde_json::from_str(&plan).expect(text);
        look_for_slow_steps(&plan[0]["Plan"], text, &mut slow);
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

fn look_for_slow_steps(step: &Value, query: &str, slow: &mut Vec<String>) {
    let kind = step["Node Type"].as_str().unwrap();
    let table = step["Relation Name"].as_str().unwrap_or_default();
    let by_index = !kind.contains("Index") || !step["Index Cond"].is_null();
    let fine = by_index && !kind.contains("Seq Scan") && !kind.contains("Sort");
    if !fine && !SMALL.contains(&table) {
        slow.push(format!("{kind} {table}: {query}"));
    }
    for step in step["Plans"].as_array().into_iter().flatten() {
        look_for_slow_steps(step, query, slow);
    }
}

struct Prepared {
    text: String,
    parameters: usize,
}

/// Every query of this crate, from what the compiler checks them against.
fn prepared() -> Vec<Prepared> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = folder.read_dir().unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let described = files.map(|bytes| serde_json::from_slice::<Value>(&bytes).unwrap());
    described
        .map(|query| Prepared {
            text: query["query"].as_str().unwrap().to_owned(),
            parameters: query["describe"]["parameters"]["Left"].as_array().map_or(0, Vec::len),
        })
        .collect()
}

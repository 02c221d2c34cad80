//! The contract of the catalog, on a real server.

use std::sync::Arc;

use catalog::Catalog;
use catalog::contract::contract;
use catalog_postgres::{PostgresCatalog, Settings};
use scratch_postgres::Server;

/// Empties every table, the audit log too, which takes less time than making them.
const EMPTY: &str = "SET session_replication_role = replica;
    DO $$ BEGIN
        EXECUTE (
            SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'airstair_migrations'
        );
    END $$";

#[tokio::test]
async fn postgres_keeps_the_contract_of_the_catalog() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings: Settings = server.database("catalog").parse().unwrap();
    contract(async || {
        let catalog = PostgresCatalog::open(&settings).await.unwrap();
        server.run("catalog", EMPTY);
        Arc::new(catalog) as Arc<dyn Catalog>
    })
    .await;
}

//! Which files are opened, and that all others are left as they are.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::path::Path;

use catalog::Catalog;
use catalog_sqlite::{OpenError, SqliteCatalog};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr};
use tempfile::TempDir;

#[tokio::test]
async fn a_missing_file_is_made_and_opened_again() {
    let (folder, path) = place();
    for _ in 0..2 {
        let catalog = SqliteCatalog::open(&path).await.unwrap();
        catalog.check().await.unwrap();
        catalog.close().await;
    }
    let names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["catalog.db"], "closing leaves one file");
}

#[tokio::test]
async fn an_empty_file_counts_as_missing() {
    let (_folder, path) = place();
    std::fs::write(&path, "").unwrap();
    SqliteCatalog::open(&path).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    made(&path).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, x'00', 0)";
    change(&path, newer).await;
    let before = std::fs::read(&path).unwrap();
    let error = SqliteCatalog::open(&path).await.unwrap_err();
    let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let last = migrations.read_dir().unwrap().count();
    assert!(matches!(error, OpenError::NewerSchema { found: 9999, .. }), "{error:?}");
    let said = format!("has schema 9999, this program knows schemas up to {last}");
    assert!(error.to_string().contains(&said), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let (_folder, path) = place();
    made(&path).await;
    change(&path, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    let error = SqliteCatalog::open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Migration { .. }), "{error:?}");
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    let mut other = connection(&path, true).await;
    run(&mut other, "CREATE TABLE recipes (name TEXT)").await;
    other.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = SqliteCatalog::open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign { application_id: 0, .. }), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    made(&path).await;
    let good = std::fs::read(&path).unwrap();
    let mut scribbled = good.clone();
    scribbled[100..4096].fill(0xa5);
    for (bytes, why) in [
        (b"not a database at all".to_vec(), "text"),
        (vec![0; 8192], "zeros"),
        (good[..good.len() / 2].to_vec(), "cut in half"),
        (good[..1000].to_vec(), "cut in its first page"),
        (scribbled, "a first page that was written over"),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let error = SqliteCatalog::open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{why}: {error:?}");
        assert!(error.to_string().ends_with("catalog.db is damaged, or not a database"), "{why}: {error}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{why}");
    }
}

#[tokio::test]
async fn a_file_in_a_missing_folder_cannot_be_opened() {
    let (folder, _path) = place();
    let error = SqliteCatalog::open(&folder.path().join("nowhere/catalog.db")).await.unwrap_err();
    assert!(matches!(error, OpenError::Database { .. }), "{error:?}");
}

#[tokio::test]
async fn the_audit_log_takes_neither_changes_nor_deletions() {
    let (_folder, path) = place();
    made(&path).await;
    let mut connection = connection(&path, false).await;
    run(
        &mut connection,
        "INSERT INTO audit_entries VALUES (zeroblob(16), 0, 'server', NULL, 'a.b', 'server', zeroblob(16), '{}')",
    )
    .await;
    for (sql, refusal) in [
        ("UPDATE audit_entries SET action = 'c.d'", "the audit log is never changed"),
        ("DELETE FROM audit_entries", "the audit log is never shortened"),
    ] {
        let error = sqlx::query(sql).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains(refusal), "{error}");
    }
    let rows = sqlx::query("SELECT count(*) FROM audit_entries").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows.get::<i64, _>(0), 1);
}

fn place() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    (folder, path)
}

async fn made(path: &Path) {
    SqliteCatalog::open(path).await.unwrap().close().await;
}

async fn connection(path: &Path, create: bool) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(create).connect().await.unwrap()
}

async fn run(connection: &mut SqliteConnection, sql: impl SqlSafeStr) {
    sqlx::query(sql).execute(connection).await.unwrap();
}

async fn change(path: &Path, sql: &'static str) {
    let mut connection = connection(path, false).await;
    run(&mut connection, sql).await;
    connection.close().await.unwrap();
}

//! Which databases are opened, and that all others are left as they are.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::error::Error;
use std::time::Duration;

use catalog::Catalog;
use catalog_postgres::{OpenError, PostgresCatalog, Settings};
use futures_util::future::join_all;
use scratch_postgres::Server;

#[tokio::test]
async fn an_empty_database_becomes_a_catalog_and_is_opened_again() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = server.database("catalog").parse().unwrap();
    for _ in 0..2 {
        let catalog = PostgresCatalog::open(&settings).await.unwrap();
        catalog.check().await.unwrap();
        catalog.close().await;
    }
    let names =
        server.run("catalog", "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = 'x'");
    assert_eq!(names, "", "closing leaves no connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_servers_that_start_together_one_migrates_and_all_go_on() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings: Settings = server.database("catalog").parse().unwrap();
    let opened = join_all((0..8).map(|_| {
        let settings = settings.clone();
        tokio::spawn(async move { PostgresCatalog::open(&settings).await })
    }))
    .await;
    for catalog in opened {
        catalog.unwrap().unwrap().check().await.unwrap();
    }
    assert_eq!(
        server.run("catalog", "SELECT version, success FROM airstair_migrations ORDER BY version"),
        "1|t\n2|t\n3|t\n4|t"
    );
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_refused_and_left_as_it_is() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = made(&server).await;
    server.run(
        "catalog",
        "INSERT INTO airstair_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, '', 0)",
    );
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(error, OpenError::NewerSchema { found: 9999, known: 4, .. }), "{error:?}");
    assert!(error.to_string().contains("has schema 9999, this program knows schemas up to 4"), "{error}");
    assert_eq!(server.run("catalog", "SELECT count(*) FROM airstair_migrations"), "5");
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = made(&server).await;
    server.run("catalog", "UPDATE airstair_migrations SET checksum = ''");
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(error, OpenError::Migration { .. }), "{error:?}");
}

#[tokio::test]
async fn a_schema_with_tables_of_another_program_is_refused_and_left_as_it_is() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings: Settings = server.database("catalog").parse().unwrap();
    server.run("catalog", "CREATE TABLE recipes (name text)");
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(&error, OpenError::Foreign { schema, .. } if schema == "public"), "{error:?}");
    assert!(error.to_string().ends_with("has tables of another program, such as recipes"), "{error}");
    assert_eq!(server.run("catalog", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");

    server.run("catalog", "ALTER EXTENSION plpgsql ADD TABLE recipes");
    PostgresCatalog::open(&settings).await.expect("an extension's table is nobody's");
}

#[tokio::test]
async fn a_schema_of_its_own_lies_beside_another_programs_tables() {
    let Some(server) = Server::start().unwrap() else { return };
    let address = format!("{}&options=-csearch_path%3Dairstair", server.database("catalog"));
    let settings: Settings = address.parse().unwrap();
    server.run("catalog", "CREATE TABLE recipes (name text)");
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(error, OpenError::NoSchema { .. }), "{error:?}");
    server.run("catalog", "CREATE SCHEMA airstair");
    PostgresCatalog::open(&settings).await.unwrap().check().await.unwrap();
    assert_eq!(server.run("catalog", "SELECT count(*) FROM airstair.attempts"), "0");
}

#[tokio::test]
async fn a_database_that_does_not_keep_all_text_is_refused() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = server.database("catalog").parse().unwrap();
    server.run("postgres", "DROP DATABASE catalog");
    server.run("postgres", "CREATE DATABASE catalog ENCODING 'SQL_ASCII' TEMPLATE template0");
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(&error, OpenError::Encoding { encoding, .. } if encoding == "SQL_ASCII"), "{error:?}");
}

#[tokio::test]
async fn a_migration_that_is_cut_off_leaves_nothing_and_is_made_up_for() {
    let Some(server) = Server::start().unwrap() else { return };
    for (name, end) in [
        ("failed", "RAISE EXCEPTION 'the disk is full'"),
        ("killed", "PERFORM pg_terminate_backend(pg_backend_pid())"),
    ] {
        let settings: Settings = server.database(name).parse().unwrap();
        server.run(
            name,
            &format!(
                "CREATE FUNCTION cut_off() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF EXISTS (
                        SELECT 1 FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.attempts'
                    ) THEN {end}; END IF;
                 END $$;
                 CREATE EVENT TRIGGER cut_off ON ddl_command_end EXECUTE FUNCTION cut_off()"
            ),
        );
        let error = PostgresCatalog::open(&settings).await.unwrap_err();
        assert!(matches!(error, OpenError::Migration { .. }), "{name}: {error:?}");
        let left = server.run(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        assert_eq!(left, "airstair_migrations", "{name}");
        server.run(name, "DROP EVENT TRIGGER cut_off");
        PostgresCatalog::open(&settings).await.unwrap().check().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_starts_late_is_waited_for() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings: Settings = server.database("catalog").parse().unwrap();
    server.stop();
    let opening = tokio::spawn(async move { PostgresCatalog::open(&settings).await });
    tokio::task::yield_now().await;
    server.resume().unwrap();
    opening.await.unwrap().unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_server_that_never_comes_is_not_waited_for_for_ever() {
    let Some(server) = Server::start().unwrap() else { return };
    let mut settings: Settings = server.database("catalog").parse().unwrap();
    settings.start_patience = Duration::from_millis(100);
    server.stop();
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("could not be reached for 0 seconds"), "{error}");
}

#[tokio::test]
async fn a_server_that_refuses_is_not_asked_again() {
    let Some(server) = Server::start().unwrap() else { return };
    let settings = server.database("catalog").parse().unwrap();
    server.run("postgres", "DROP DATABASE catalog");
    let error = PostgresCatalog::open(&settings).await.unwrap_err();
    assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("database \"catalog\" does not exist"), "{cause}");
}

#[tokio::test]
async fn the_audit_log_takes_neither_changes_nor_deletions() {
    let Some(server) = Server::start().unwrap() else { return };
    made(&server).await;
    for (sql, refusal) in [
        ("UPDATE audit_entries SET action = 'c.d'", "the audit log is never changed"),
        ("DELETE FROM audit_entries", "the audit log is never shortened"),
        ("TRUNCATE audit_entries", "the audit log is never shortened"),
    ] {
        let tried = format!(
            "DO $$ BEGIN {sql}; RAISE NOTICE 'done'; EXCEPTION WHEN raise_exception THEN
                CREATE TEMP TABLE refusal AS SELECT SQLERRM AS words; END $$;
             SELECT words FROM refusal"
        );
        assert_eq!(server.run("catalog", &tried), refusal);
    }
}

async fn made(server: &Server) -> Settings {
    let settings = server.database("catalog").parse().unwrap();
    PostgresCatalog::open(&settings).await.unwrap().close().await;
    settings
}

use std::pin::pin;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use crate::open::OpenError;
use crate::settings::Settings;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long others may migrate before the log says that they are waited for.
const SILENCE: Duration = Duration::from_secs(2);

/// Runs the migrations that the schema has not seen, after making sure that it is one of ours.
///
/// All under one advisory lock, which goes with the connection: a server that dies half-way lets the next one in, and
/// its transaction is undone.
pub(crate) async fn bring_up_to_date(
    connection: &mut PgConnection,
    settings: &Settings,
) -> Result<(), OpenError> {
    let database = settings.to_string();
    let broken = |source| OpenError::Migration { database: database.clone(), source };
    {
        let mut lock = pin!(connection.lock());
        if let Ok(locked) = timeout(SILENCE, &mut lock).await {
            locked.map_err(broken)?;
        } else {
            tracing::info!(%database, "waiting for another server to bring the schema up to date");
            lock.await.map_err(broken)?;
        }
    }
    recognise(connection, &database).await?;
    // `run` would make a future of it that no task can be spawned of.
    MIGRATIONS.run_direct(None, connection, false).await.map_err(broken)?;
    connection.unlock().await.map_err(broken)
}

/// Looks at a schema without changing it: is it a catalog, and one that this program knows?
async fn recognise(connection: &mut PgConnection, database: &str) -> Result<(), OpenError> {
    let refused = |source| OpenError::Refused { database: database.to_owned(), source };
    let encoding: String =
        sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut *connection).await.map_err(refused)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { database: database.to_owned(), encoding });
    }
    let schema: Option<String> =
        sqlx::query_scalar("SELECT current_schema()").fetch_one(&mut *connection).await.map_err(refused)?;
    let Some(schema) = schema else { return Err(OpenError::NoSchema { database: database.to_owned() }) };
    let tables = tables(connection, &schema).await.map_err(refused)?;
    if !tables.iter().any(|table| *table == MIGRATIONS.table_name) {
        return match tables.into_iter().next() {
            None => Ok(()),
            Some(table) => Err(OpenError::Foreign { database: database.to_owned(), schema, table }),
        };
    }
    let last = "SELECT coalesce(max(version), 0) FROM airstair_migrations";
    let found: i64 = sqlx::query_scalar(last).fetch_one(&mut *connection).await.map_err(refused)?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found > known {
        return Err(OpenError::NewerSchema { database: database.to_owned(), found, known });
    }
    Ok(())
}

/// The tables of a schema, but those of extensions.
async fn tables(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>, sqlx::Error> {
    let names = "SELECT relname::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                 WHERE nspname = $1 AND relkind IN ('r', 'p') AND NOT EXISTS (
                    SELECT 1 FROM pg_depend
                    WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
                 )
                 ORDER BY relname";
    sqlx::query_scalar(names).bind(schema).fetch_all(connection).await
}

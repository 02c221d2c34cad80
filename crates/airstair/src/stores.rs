//! The engines behind the catalog and the depot.

use std::sync::Arc;
use std::time::Duration;

use catalog::Catalog;
use catalog_postgres::PostgresCatalog;
use catalog_sqlite::SqliteCatalog;
use depot::{Depot, DepotError, Disk, PresignedError, S3, S3Credentials, S3Delivery, S3Settings};

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::settings::{Database, Places, Storage};

/// The catalog that the settings name.
pub(crate) async fn open_catalog(dir: &DataDir, places: &Places) -> Result<Arc<dyn Catalog>, Failure> {
    match &places.database {
        Database::File => open_file(dir).await,
        Database::Postgres(settings) => open_postgres(settings).await,
    }
}

async fn open_file(dir: &DataDir) -> Result<Arc<dyn Catalog>, Failure> {
    use catalog_sqlite::OpenError;

    let opened = SqliteCatalog::open(&dir.catalog()).await;
    let catalog = opened.map_err(|error| {
        let help = match &error {
            OpenError::Damaged { .. } => {
                "nothing was changed; restore a backup, or move the file away to begin anew"
            }
            OpenError::Foreign { .. } => "name another data directory with --data",
            OpenError::NewerSchema { .. } => "use the newer version of airstair that wrote it",
            _ => "check the file's owner and permissions, and the room on its disk",
        };
        Failure::not_done("the catalog can't be opened").because(&error).help(help)
    })?;
    Ok(Arc::new(catalog))
}

async fn open_postgres(settings: &catalog_postgres::Settings) -> Result<Arc<dyn Catalog>, Failure> {
    use catalog_postgres::OpenError;

    let opened = PostgresCatalog::open(settings).await;
    let catalog = opened.map_err(|error| {
        let help = match &error {
            OpenError::Unreachable { .. } => {
                "check the host and port in database_url, and that the database runs"
            }
            OpenError::Refused { .. } => {
                "check the user, the password, the database's name and its certificate in database_url"
            }
            OpenError::Foreign { .. } => "give it a schema of its own, with options=-csearch_path%3Dairstair",
            OpenError::NewerSchema { .. } => "use the newer version of airstair that wrote it",
            _ => "nothing half-done was left; see docs/guide/postgresql.md for what the user must be allowed",
        };
        Failure::not_done("the catalog can't be opened").because(&error).help(help)
    })?;
    Ok(Arc::new(catalog))
}

/// The depot that the settings name, once it has shown that it takes bytes.
pub(crate) async fn open_depot(dir: &DataDir, places: &Places) -> Result<Arc<dyn Depot>, Failure> {
    match &places.storage {
        Storage::Folder => {
            let folder = dir.depot();
            let disk = Disk::open(&folder).map_err(|error| {
                Failure::not_done(format_args!("the depot in {} can't be opened", folder.display()))
                    .because(&error)
            })?;
            Ok(Arc::new(disk))
        }
        Storage::Bucket(bucket) => {
            let copies = Some(dir.path().to_owned());
            let depot = open_bucket(&S3Settings { copies, ..bucket.settings.clone() })?;
            depot.check().await.map_err(|error| refused_bucket(&bucket.settings, &error))?;
            Ok(Arc::new(depot))
        }
    }
}

/// A bucket that was not asked anything yet.
pub(crate) fn open_bucket(settings: &S3Settings) -> Result<S3, Failure> {
    let name = &settings.bucket;
    S3::new(settings)
        .map_err(|error| Failure::usage(format_args!("the bucket {name} can't be used")).because(&error))
}

/// Finds out whether devices can fetch packages from the bucket itself for as long as `lasts`, where that was chosen.
pub(crate) async fn check_delivery(storage: &Storage, lasts: Duration) -> Result<(), Failure> {
    let Storage::Bucket(bucket) = storage else { return Ok(()) };
    let depot = open_bucket(&bucket.settings)?;
    if bucket.settings.delivery == S3Delivery::Through {
        return Ok(());
    }
    depot.probe_presigned(lasts).await.map_err(|error| {
        let name = &bucket.settings.bucket;
        let failure =
            Failure::not_done(format_args!("devices can't fetch packages from the bucket {name} itself"))
                .because(&error);
        match error {
            PresignedError::NoSize { .. } => failure.help(
                "storage_delivery = \"presigned-without-size\" puts up with that; \"through\" lets this server send \
                 packages",
            ),
            _ => failure.help("leave storage_delivery out: this server then sends packages itself"),
        }
    })
}

fn refused_bucket(settings: &S3Settings, error: &DepotError) -> Failure {
    let name = &settings.bucket;
    let failure =
        Failure::not_done(format_args!("the bucket {name} does not take what is to be kept")).because(error);
    match settings.credentials {
        S3Credentials::Key { .. } => {
            failure.help("check the endpoint, the region and the key, and what the key may do in the bucket")
        }
        S3Credentials::Surroundings => failure.help(
            "no key is set, so the AWS_… variables, a web identity and the role of the container or machine were \
             asked for one; set storage_credentials_file, or check what the role may do in the bucket",
        ),
    }
}

use anyhow::{Context, Result};
use e2e::ServerFolder;

use crate::cores::{Core, on};
use crate::storage::Storage;

/// What a server keeps its catalog and its packages in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pairing {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Store {
    Folder,
    Bucket,
}

impl Pairing {
    /// All in the server's own folder.
    pub(crate) const EMBEDDED: Self = Self { engine: Engine::Sqlite, store: Store::Folder };

    /// The others.
    pub(crate) const OTHERS: [Self; 3] = [
        Self { engine: Engine::Sqlite, store: Store::Bucket },
        Self { engine: Engine::Postgres, store: Store::Folder },
        Self { engine: Engine::Postgres, store: Store::Bucket },
    ];

    pub(crate) fn name(self) -> &'static str {
        match (self.engine, self.store) {
            (Engine::Sqlite, Store::Folder) => "SQLite, folder",
            (Engine::Sqlite, Store::Bucket) => "SQLite, bucket",
            (Engine::Postgres, Store::Folder) => "PostgreSQL, folder",
            (Engine::Postgres, Store::Bucket) => "PostgreSQL, bucket",
        }
    }
}

/// The servers behind a server, on the clients' core: elsewhere, as with most owners.
pub(crate) struct Backing {
    pub(crate) storage: Option<Storage>,
    postgres: Option<scratch_postgres::Server>,
}

impl Backing {
    pub(crate) fn start(pairing: Pairing) -> Result<Self> {
        let storage = match pairing.store {
            Store::Folder => None,
            Store::Bucket => Some(on(Core::Client, Storage::start)?),
        };
        let postgres = match pairing.engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let started = on(Core::Client, scratch_postgres::Server::start_durable)?;
                Some(started.context("PostgreSQL is not installed")?)
            }
        };
        Ok(Self { storage, postgres })
    }

    /// A server that keeps there what it keeps.
    pub(crate) fn behind(&self, mut server: ServerFolder) -> ServerFolder {
        if let Some(storage) = &self.storage {
            server = server.with_bucket_at(storage.endpoint());
        }
        if let Some(postgres) = &self.postgres {
            server = server.with_environment("AIRSTAIR_DATABASE_URL", &postgres.database("airstair"));
        }
        server
    }
}

//! The pairings of engine and store, and the nodes on each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::Catalog;
use catalog_postgres::PostgresCatalog;
use catalog_sqlite::SqliteCatalog;
use e2e::{Balancer, Certificates, ObjectStorage, ServerFolder, free_port};

use crate::bench::{BINARY, files};

/// Nodes, and what they keep their things in.
pub(super) struct Ground {
    nodes: Vec<ServerFolder>,
    postgres: Option<Database>,
    storage: Option<ObjectStorage>,
    _balancer: Option<Balancer>,
    _shared: Option<tempfile::TempDir>,
}

struct Database {
    url: String,
    _server: scratch_postgres::Server,
}

impl Database {
    /// `None`, said loudly, where there is no PostgreSQL.
    fn start() -> Option<Self> {
        let server = scratch_postgres::Server::start().expect("a server that starts")?;
        Some(Self { url: server.database("airstair"), _server: server })
    }
}

impl Ground {
    pub(super) fn sqlite_and_folder() -> Self {
        Self::of_one_node(None, None)
    }

    pub(super) async fn sqlite_and_bucket() -> Self {
        Self::of_one_node(None, Some(bucket().await))
    }

    pub(super) fn postgres_and_folder() -> Option<Self> {
        Some(Self::of_one_node(Some(Database::start()?), None))
    }

    pub(super) async fn postgres_and_bucket() -> Option<Self> {
        Some(Self::of_one_node(Some(Database::start()?), Some(bucket().await)))
    }

    /// Two nodes on one PostgreSQL and one bucket, behind one address.
    pub(super) async fn two_nodes() -> Option<Self> {
        let (postgres, storage) = (Database::start()?, bucket().await);
        let shared = tempfile::tempdir().expect("a temporary folder");
        let certificates = Certificates::write(shared.path());
        let port = free_port();
        let secret_key = shared.path().join("secret.key");
        let node = || {
            on(ServerFolder::new(BINARY.as_ref()), Some(&postgres), Some(&storage))
                .with_certificates(&certificates)
                .reached_at(&format!("https://localhost:{port}"))
                .with_environment("AIRSTAIR_SECRET_KEY_FILE", &secret_key.to_string_lossy())
        };
        let nodes = vec![node(), node()];
        let ports = [nodes[0].port(), nodes[1].port()];
        let balancer = Balancer::start(port, &ports, u64::MAX).await.expect("a free port");
        Some(Self {
            nodes,
            postgres: Some(postgres),
            storage: Some(storage),
            _balancer: Some(balancer),
            _shared: Some(shared),
        })
    }

    fn of_one_node(postgres: Option<Database>, storage: Option<ObjectStorage>) -> Self {
        let node = on(ServerFolder::new(BINARY.as_ref()), postgres.as_ref(), storage.as_ref());
        Self { nodes: vec![node], postgres, storage, _balancer: None, _shared: None }
    }

    pub(super) fn nodes(&self) -> &[ServerFolder] {
        &self.nodes
    }

    /// Where publishers, devices and owners turn to: any node does.
    pub(super) fn entry(&self) -> &ServerFolder {
        &self.nodes[0]
    }

    /// The catalog, beside those of the nodes.
    pub(super) async fn catalog(&self) -> Arc<dyn Catalog> {
        if let Some(database) = &self.postgres {
            let settings = database.url.parse().expect("an address");
            Arc::new(PostgresCatalog::open(&settings).await.expect("a database that answers"))
        } else {
            let file = self.entry().data().join("catalog.db");
            Arc::new(SqliteCatalog::open(&file).await.expect("a catalog that opens"))
        }
    }

    /// The files with blobs; each has the blob's id as its name.
    pub(super) fn blobs(&self) -> Vec<PathBuf> {
        files(&self.kept("blobs"))
    }

    /// What uploads that did not end have left.
    pub(super) fn unfinished(&self) -> Vec<PathBuf> {
        let parts = self.storage.as_ref().map_or_else(Vec::new, ObjectStorage::unfinished_parts);
        [files(&self.kept("incoming")), parts].concat()
    }

    fn kept(&self, name: &str) -> PathBuf {
        let depot = |data: &Path| data.join("depot").join(name);
        self.storage.as_ref().map_or_else(|| depot(self.entry().data()), |storage| storage.object(name))
    }
}

async fn bucket() -> ObjectStorage {
    ObjectStorage::start().await.expect("storage")
}

fn on(folder: ServerFolder, postgres: Option<&Database>, storage: Option<&ObjectStorage>) -> ServerFolder {
    let folder = match postgres {
        Some(database) => folder.with_environment("AIRSTAIR_DATABASE_URL", &database.url),
        None => folder,
    };
    match storage {
        Some(storage) => folder.with_bucket(storage),
        None => folder,
    }
}

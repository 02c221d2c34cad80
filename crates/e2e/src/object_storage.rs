use std::fs;
use std::io;
use std::path::PathBuf;

use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server of the S3 protocol over a folder, with one bucket and one key; it ends when this is dropped.
#[derive(Debug)]
pub struct ObjectStorage {
    folder: tempfile::TempDir,
    endpoint: String,
    serving: JoinHandle<()>,
}

impl ObjectStorage {
    /// The bucket's name.
    pub const BUCKET: &str = "airstair";
    /// The key's id.
    pub const KEY_ID: &str = "AK";
    /// The key's secret.
    pub const SECRET: &str = "SK";

    /// Starts on a port that is free, on the runtime it is called on.
    ///
    /// # Errors
    ///
    /// When there is no folder or no port to be had.
    pub async fn start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join(Self::BUCKET))?;
        let files = FileSystem::new(folder.path()).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(Self::KEY_ID, Self::SECRET));
        let service = service.build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                // What has begun ends, also for a client that has gone away: else half of it would stay.
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let answering = tokio::spawn(Service::call(&service, request));
                    async move { answering.await.map_err(io::Error::other)?.map_err(io::Error::other) }
                });
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // A client that goes away is no trouble.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Ok(Self { folder, endpoint, serving })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where it keeps an object.
    #[must_use]
    pub fn object(&self, name: &str) -> PathBuf {
        self.folder.path().join(Self::BUCKET).join(name)
    }

    /// The files with the parts of uploads that were neither completed nor given up.
    ///
    /// # Panics
    ///
    /// When the folder can't be read.
    #[must_use]
    pub fn unfinished_parts(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("a folder that can be read").path());
        paths.filter(|path| path.to_string_lossy().contains(".upload_id-")).collect()
    }
}

impl Drop for ObjectStorage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

use std::path::PathBuf;

use depot::{S3Credentials, S3Settings};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server of the S3 protocol over a folder, for one test.
pub(crate) struct Storage {
    folder: tempfile::TempDir,
    endpoint: String,
    serving: JoinHandle<()>,
}

impl Storage {
    pub(crate) const KEY: &str = "AK";
    const SECRET: &str = "SK";
    const BUCKET: &str = "airstair";

    pub(crate) async fn start() -> Self {
        // Another test of this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(Self::BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(Self::KEY, Self::SECRET));
        let service = service.build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // A client that goes away is no trouble.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { folder, endpoint, serving }
    }

    pub(crate) fn settings(&self) -> S3Settings {
        S3Settings {
            endpoint: Some(self.endpoint.parse().unwrap()),
            credentials: S3Credentials::Key {
                id: Self::KEY.to_owned(),
                secret: Self::SECRET.to_owned(),
                session_token: None,
            },
            ..S3Settings::new(Self::BUCKET)
        }
    }

    /// Where the server keeps an object.
    pub(crate) fn object(&self, name: &str) -> PathBuf {
        self.folder.path().join(Self::BUCKET).join(name)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

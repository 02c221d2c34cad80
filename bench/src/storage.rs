use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use e2e::ObjectStorage;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::signer::Signer;

/// How this program is told to be nothing but such storage.
pub(crate) const FLAG: &str = "serve-storage";

/// How long a signed address is good: longer than a bench runs.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// Storage of the S3 protocol, a process of its own: what it computes is not counted as a server's. Gone when this is
/// dropped.
pub(crate) struct Storage {
    child: Child,
    endpoint: String,
    bucket: PathBuf,
}

impl Storage {
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(format!("--{FLAG}")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("a pipe was asked for")?).lines();
        let mut said = || lines.next().context("the storage does not start")?.map_err(anyhow::Error::from);
        let (endpoint, bucket) = (said()?, said()?.into());
        Ok(Self { child, endpoint, bucket })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An address of the largest blob, signed, so that anybody may read it.
    pub(crate) fn largest_blob(&self) -> Result<String> {
        let mut blobs = Vec::new();
        for entry in fs::read_dir(self.bucket.join("blobs"))? {
            let entry = entry?;
            blobs.push((entry.metadata()?.len(), entry.file_name().to_string_lossy().into_owned()));
        }
        let (_, name) = blobs.into_iter().max().context("there is a blob")?;
        let store = AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_allow_http(true)
            .with_bucket_name(ObjectStorage::BUCKET)
            .with_access_key_id(ObjectStorage::KEY_ID)
            .with_secret_access_key(ObjectStorage::SECRET)
            .build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let place = Path::from("blobs").join(name);
        let url = runtime.block_on(store.signed_url(hyper::Method::GET, &place, GOOD_FOR))?;
        Ok(url.to_string())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // It ends with its standard input, and removes what it kept.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Is such storage, until standard input ends.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let storage = runtime.block_on(ObjectStorage::start())?;
    println!("{}\n{}", storage.endpoint(), storage.object("").display());
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

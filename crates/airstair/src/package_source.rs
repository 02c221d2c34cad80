use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ipa::{BlockCache, Limits, ReadAt};
use probe::{RemoteError, RemoteFile, Traffic};
use reqwest::{Client, StatusCode, Url};
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::network;
use crate::obstacle::Obstacle;

/// A package to read: a file, or a web address that is read by ranges.
pub(crate) struct PackageSource {
    reader: Watched,
    limits: Limits,
    remote: Option<Remote>,
}

/// Remembers the first failure of a source, since readers go on without what they can do without.
struct Watched {
    source: Box<dyn ReadAt>,
    failure: OnceLock<String>,
}

impl Watched {
    fn new(source: impl ReadAt + 'static) -> Self {
        Self { source: Box::new(source), failure: OnceLock::new() }
    }
}

impl ReadAt for Watched {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.source.read_at(offset, buf).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                let _ = self.failure.set(error.to_string());
            }
        })
    }
}

struct Remote {
    file: Arc<RemoteFile>,
    /// Its threads move the bytes while a read waits for them.
    _runtime: Runtime,
}

impl PackageSource {
    /// Opens the file or address `name`; for an address, the certificates in `ca` are trusted too.
    pub(crate) fn open(name: &OsStr, ca: Option<&Path>) -> Result<Self, Failure> {
        match name.to_str().filter(|name| has_scheme(name)) {
            Some(url) => Self::remote(url, ca),
            None => Self::file(Path::new(name)),
        }
    }

    /// Opens a file on this computer.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        let file = open_file(path)?;
        Ok(Self { reader: Watched::new(file), limits: Limits::default(), remote: None })
    }

    fn remote(text: &str, ca: Option<&Path>) -> Result<Self, Failure> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| unusable_address(text))?;
        let runtime = network::runtime()?;
        let client = network::client(ca)?;
        let file = runtime.block_on(open_remote(client, url))?;
        let file = Arc::new(file);
        let reader = Watched::new(BlockCache::new(Arc::clone(&file)));
        Ok(Self { reader, limits: Limits::remote(), remote: Some(Remote { file, _runtime: runtime }) })
    }

    /// What to read from.
    pub(crate) fn reader(&self) -> &dyn ReadAt {
        &self.reader
    }

    /// What reading may cost.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fails when any read has failed, even where the reader went on without.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.reader.failure.get() {
            None => Ok(()),
            Some(failure) => Err(Failure::not_done("the package could not be read to its end")
                .because(&io::Error::other(failure.clone()))
                .help("try again")),
        }
    }

    /// What reading has cost, over the network.
    pub(crate) fn traffic(&self) -> Option<Traffic> {
        self.remote.as_ref().map(|remote| remote.file.traffic())
    }
}

fn has_scheme(name: &str) -> bool {
    name.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// Opens a file, and nothing else that has a path: reading a pipe or a device would wait or never end.
fn open_file(path: &Path) -> Result<File, Failure> {
    let failed = |error: &io::Error| {
        let failure =
            Failure::not_done(format_args!("{} could not be opened", path.display())).because(error);
        match error.kind() {
            io::ErrorKind::NotFound => failure.help("name an existing .ipa, or the https:// address of one"),
            _ => failure,
        }
    };
    let metadata = path.metadata().map_err(|error| failed(&error))?;
    if metadata.is_dir() {
        return Err(Failure::usage(format_args!("{} is a folder, expected an .ipa file", path.display()))
            .help("export the app from Xcode (Product › Archive › Distribute App), which writes an .ipa"));
    }
    if !metadata.is_file() {
        return Err(Failure::usage(format_args!("{} is no ordinary file", path.display()))
            .help("save the package to a file first; it is read from its end, which a pipe does not have"));
    }
    File::open(path).map_err(|error| failed(&error))
}

fn unusable_address(text: &str) -> Failure {
    let failure = Failure::usage(format_args!("{text} is no address of a package, expected https://…"));
    if text.starts_with("itms-services:") {
        return failure.help("this is an install link: `airstair link --decode LINK` says where it leads");
    }
    failure.help("packages are read from https:// and http:// addresses, and from files")
}

async fn open_remote(client: Client, url: Url) -> Result<RemoteFile, Failure> {
    match RemoteFile::open(Arc::new(client), url.clone()).await {
        Ok(file) => Ok(file),
        Err(error) => Err(unreadable(&error, &url).await),
    }
}

async fn unreadable(error: &RemoteError, url: &Url) -> Failure {
    const MESSAGE: &str = "the package could not be read";
    if let RemoteError::Unreachable { source, .. } = error
        && let Some(source) = source.downcast_ref()
    {
        let obstacle = Obstacle::find(source, url).await;
        let message = format_args!("{MESSAGE}: {}", obstacle.sentence());
        return Failure::not_done(message).because(error).help(obstacle.help());
    }
    let failure = Failure::not_done(MESSAGE).because(error);
    match error {
        RemoteError::NoRanges { .. } | RemoteError::Range { .. } | RemoteError::Encoded { .. } => failure
            .help("download the package and inspect the file; a server without ranges can't be read in part"),
        RemoteError::Status { status, .. } => match *status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                failure.help("the server asks who you are; a device could not fetch this address either")
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                failure.help("check the address; put it in single quotes, since a shell cuts it at an `&`")
            }
            StatusCode::RANGE_NOT_SATISFIABLE => failure.help("the file is empty; upload it again"),
            _ => failure.help("try again later, or look at the server's log"),
        },
        _ => failure.help("try again"),
    }
}

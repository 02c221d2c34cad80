use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::free_port;

/// How long it may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// A [Garage](https://garagehq.deuxfleurs.fr) with one bucket and one key; it is killed when this is dropped.
#[derive(Debug)]
pub struct Garage {
    binary: PathBuf,
    folder: tempfile::TempDir,
    endpoint: String,
    child: Child,
}

impl Garage {
    /// The bucket's name.
    pub const BUCKET: &str = "airstair";
    /// The key's id.
    pub const KEY_ID: &str = "GK0123456789abcdef01234567";
    /// The key's region: it answers no other.
    pub const REGION: &str = "garage";
    /// The key's secret.
    pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// Starts the one in `AIRSTAIR_GARAGE`, or on `PATH`, on ports that are free; says so and gives `None` where there
    /// is none.
    ///
    /// # Errors
    ///
    /// What one of its commands said instead of working.
    pub fn start() -> io::Result<Option<Self>> {
        let Some(binary) = binary() else {
            skipped();
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let port = free_port();
        fs::write(folder.path().join("garage.toml"), config(folder.path(), port, free_port()))?;
        let log = File::create(folder.path().join("log"))?;
        let mut server = command(&binary, folder.path());
        let child = server.arg("server").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        let garage = Self { binary, folder, endpoint: format!("http://127.0.0.1:{port}"), child };
        garage.lay_out()?;
        Ok(Some(garage))
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A node stores nothing before it has its place in a layout.
    fn lay_out(&self) -> io::Result<()> {
        let began = Instant::now();
        let node = loop {
            match self.say(&["node", "id", "-q"]).and_then(|id| self.say(&["status"]).map(|_| id)) {
                Ok(id) => break id,
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(_) => sleep(Duration::from_millis(50)),
            }
        };
        let node = node.trim().split('@').next().unwrap_or_default();
        self.say(&["layout", "assign", "-z", "here", "-c", "1G", node])?;
        self.say(&["layout", "apply", "--version", "1"])?;
        self.say(&["bucket", "create", Self::BUCKET])?;
        self.say(&["key", "import", "--yes", Self::KEY_ID, Self::SECRET, "-n", "airstair"])?;
        self.say(&["bucket", "allow", "--read", "--write", Self::BUCKET, "--key", Self::KEY_ID])?;
        Ok(())
    }

    fn say(&self, words: &[&str]) -> io::Result<String> {
        let ended = command(&self.binary, self.folder.path()).args(words).output()?;
        if ended.status.success() {
            return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        Err(io::Error::other(format!("garage {words:?} failed: {said}; its server said: {log}")))
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "where a tool of tests is looked up")]
fn binary() -> Option<PathBuf> {
    if let Some(named) = env::var_os("AIRSTAIR_GARAGE") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join("garage")).find(|file| file.is_file())
}

#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn skipped() {
    println!("SKIPPED: there is no Garage here; put it on PATH or name its program in AIRSTAIR_GARAGE");
}

fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().env("GARAGE_CONFIG_FILE", folder.join("garage.toml")).env("RUST_LOG", "garage=warn");
    command
}

fn config(folder: &Path, api_port: u16, rpc_port: u16) -> String {
    let (region, secret, folder) = (Garage::REGION, Garage::SECRET, folder.display());
    format!(
        "metadata_dir = '{folder}/meta'\n\
         data_dir = '{folder}/data'\n\
         db_engine = 'sqlite'\n\
         replication_factor = 1\n\
         rpc_bind_addr = '127.0.0.1:{rpc_port}'\n\
         rpc_public_addr = '127.0.0.1:{rpc_port}'\n\
         rpc_secret = '{secret}'\n\
         [s3_api]\n\
         s3_region = '{region}'\n\
         api_bind_addr = '127.0.0.1:{api_port}'\n\
         root_domain = '.localhost'\n"
    )
}

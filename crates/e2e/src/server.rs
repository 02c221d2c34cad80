use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::command::{Ended, airstair};
use crate::{Certificates, ObjectStorage};

/// A data directory and an address: what stays when its server stops.
#[derive(Debug)]
pub struct ServerFolder {
    binary: PathBuf,
    data: PathBuf,
    port: u16,
    public_url: String,
    tls: Tls,
    /// The root that signs the certificate of `public_url`.
    root: PathBuf,
    settings: Vec<String>,
    environment: Vec<(String, String)>,
    /// Removed at the end.
    _folder: TempDir,
}

/// Who ends TLS.
#[derive(Clone, Debug)]
enum Tls {
    /// The server, with its own authority.
    LocalCa,
    /// The server, with somebody else's certificate.
    Files(Certificates),
    /// Somebody in front of it.
    Off,
}

/// The variable that says whether a server examines its own public address.
const SELF_CHECK: &str = "AIRSTAIR_SELF_CHECK";

/// A server that runs, and is killed when this is dropped.
#[derive(Debug)]
pub struct TestServer {
    child: Child,
    /// Gives all of standard error, once the server has ended.
    stderr: Option<JoinHandle<String>>,
}

impl ServerFolder {
    /// An empty folder for this binary, on a port that is free now, with a local authority for `localhost`.
    ///
    /// # Panics
    ///
    /// When no temporary folder can be made.
    #[must_use]
    pub fn new(binary: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let data = folder.path().join("data");
        Self {
            binary: binary.to_owned(),
            root: data.join("tls").join("root.pem"),
            data,
            port,
            public_url: format!("https://localhost:{port}"),
            tls: Tls::LocalCa,
            // A test's disk may be small.
            settings: vec!["--reserve-bytes".into(), "0".into()],
            environment: vec![(SELF_CHECK.to_owned(), "false".to_owned())],
            _folder: folder,
        }
    }

    /// The same for a server without TLS, behind a proxy at `public_url` whose certificate the root in `root` signs.
    #[must_use]
    pub fn behind(mut self, public_url: &str, root: &Path) -> Self {
        public_url.clone_into(&mut self.public_url);
        root.clone_into(&mut self.root);
        self.tls = Tls::Off;
        self
    }

    /// The same with a certificate that its own authority did not sign.
    #[must_use]
    pub fn with_certificates(mut self, certificates: &Certificates) -> Self {
        self.root = certificates.root();
        self.tls = Tls::Files(certificates.clone());
        self
    }

    /// The same for a server that examines its own public address. Others don't: what stands before a server in a test
    /// breaks as the test wants it.
    #[must_use]
    pub fn with_self_check(self) -> Self {
        self.with_environment(SELF_CHECK, "true")
    }

    /// The same with its data in `data`.
    #[must_use]
    pub fn with_data(mut self, data: &Path) -> Self {
        data.clone_into(&mut self.data);
        if let Tls::LocalCa = self.tls {
            self.root = data.join("tls").join("root.pem");
        }
        self
    }

    /// The same at another port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self.public_url = format!("https://localhost:{port}");
        self
    }

    /// The same with a variable in the environment of servers that are started from now on.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with its packages in a bucket.
    #[must_use]
    pub fn with_bucket(self, storage: &ObjectStorage) -> Self {
        self.with_bucket_at(storage.endpoint())
    }

    /// The same with its packages in a bucket that another process serves at `endpoint`, with the same names.
    #[must_use]
    pub fn with_bucket_at(self, endpoint: &str) -> Self {
        self.with_environment("AIRSTAIR_STORAGE", &format!("s3://{}", ObjectStorage::BUCKET))
            .with_environment("AIRSTAIR_STORAGE_ENDPOINT", endpoint)
            .with_environment("AIRSTAIR_STORAGE_ACCESS_KEY_ID", ObjectStorage::KEY_ID)
            .with_environment("AIRSTAIR_STORAGE_SECRET_ACCESS_KEY", ObjectStorage::SECRET)
    }

    /// The same reached at `public_url`, whoever passes connections on to it.
    #[must_use]
    pub fn reached_at(mut self, public_url: &str) -> Self {
        public_url.clone_into(&mut self.public_url);
        self
    }

    /// The data directory, which the first start makes.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The port the server listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How devices reach the server, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Where the root lies that devices must trust.
    #[must_use]
    pub fn root_path(&self) -> &Path {
        &self.root
    }

    /// That root, in PEM.
    ///
    /// # Panics
    ///
    /// Before the first start.
    #[must_use]
    pub fn root_pem(&self) -> String {
        fs::read_to_string(&self.root).expect("a root, once the server has started")
    }

    /// Starts the server, and waits until it says that it is ready.
    ///
    /// # Errors
    ///
    /// How it ended, when it did not start.
    ///
    /// # Panics
    ///
    /// When the binary can't be run.
    pub fn start(&self) -> Result<TestServer, Ended> {
        let (mut server, ready) = self.spawn();
        if ready.recv().is_ok() { Ok(server) } else { Err(server.ended()) }
    }

    /// Starts the server and does not wait for it.
    ///
    /// # Panics
    ///
    /// When the binary can't be run.
    #[must_use]
    pub fn launch(&self) -> TestServer {
        self.spawn().0
    }

    fn spawn(&self) -> (TestServer, Receiver<()>) {
        let tls = match self.tls {
            Tls::LocalCa => "local-ca",
            Tls::Files(_) => "files",
            Tls::Off => "off",
        };
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "--listen", &listen, "--tls", tls, "--public-url", &self.public_url];
        let mut command = airstair(&self.binary, arguments);
        command.arg("--data").arg(&self.data).args(&self.settings);
        if let Tls::Files(files) = &self.tls {
            command.arg("--tls-certificate").arg(files.chain()).arg("--tls-key").arg(files.key());
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be run");
        let (ready, stderr) = listen_to(child.stderr.take().expect("a pipe was asked for"));
        (TestServer { child, stderr: Some(stderr) }, ready)
    }

    /// Runs one of the binary's commands to its end, without colours or questions.
    ///
    /// # Panics
    ///
    /// When the binary can't be run.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = airstair(&self.binary, arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).output().expect("the binary can be run").into()
    }

    /// An `admin` command on this folder.
    #[must_use]
    pub fn admin(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["admin", "--data", &self.data.to_string_lossy()], arguments].concat())
    }

    /// A new token that may publish everything.
    ///
    /// # Errors
    ///
    /// How the command ended, when it did not make one.
    pub fn publish_token(&self) -> Result<String, Ended> {
        let ended = self.admin(&["token", "create", "--name", "ci", "--scope", "publish"]).fine()?;
        Ok(ended.stdout.trim().to_owned())
    }

    /// Publishes the package in `file` by the real command, and what it says is JSON. Blocks until it has ended.
    #[must_use]
    pub fn publish(&self, token: &str, file: &Path, more: &[&str]) -> Ended {
        let (file, root) = (file.to_string_lossy(), self.root.to_string_lossy());
        let there = ["--server", &self.public_url, "--token", token, "--ca", &root, "--json"];
        self.run(&[&["publish", &*file], &there[..], more].concat())
    }
}

impl TestServer {
    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as service managers do, and gives how it ended.
    ///
    /// # Panics
    ///
    /// When it is gone already.
    #[must_use]
    pub fn stop(mut self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it runs");
        self.ended()
    }

    /// Ends it from one moment to the next, as a loss of power does, and gives how it ended.
    ///
    /// # Panics
    ///
    /// When it can't be killed.
    #[must_use]
    pub fn kill(mut self) -> Ended {
        self.child.kill().expect("it runs");
        self.ended()
    }

    fn ended(&mut self) -> Ended {
        let status = self.child.wait().expect("a child can be waited for");
        let stderr = self.stderr.take().map(|reader| reader.join().expect("the reader does not panic"));
        Ended { code: status.code(), stdout: String::new(), stderr: stderr.unwrap_or_default() }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if self.stderr.is_some() {
            // A test that fails leaves no server behind; one that ended itself needs no killing.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Reads until the end, and tells when it reads `ready`; hangs up when that never comes.
fn listen_to(stderr: ChildStderr) -> (Receiver<()>, JoinHandle<String>) {
    let (ready, is_ready) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut ready = Some(ready);
        let mut text = String::new();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
            if line.starts_with("ready")
                && let Some(ready) = ready.take()
            {
                // Whoever waits may have given up.
                let _ = ready.send(());
            }
        }
        text
    });
    (is_ready, reader)
}

/// A port that nobody listens on now.
///
/// From below the range that the system takes ports for outgoing connections from, so that it stays free while a server
/// is away.
///
/// # Panics
///
/// When none of a thousand is free.
#[must_use]
pub fn free_port() -> u16 {
    let random = RandomState::new();
    (0..1_000_u32)
        .map(|attempt| 20_000 + u16::try_from(random.hash_one(attempt) % 12_000).expect("less than 12,000"))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

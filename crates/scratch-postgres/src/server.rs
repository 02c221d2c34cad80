use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::account::Account;
use crate::installed;
use crate::network::Network;

/// A server with one superuser, `postgres`, whom it trusts. Stopped and forgotten when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// Holds `data`, and the socket.
    folder: TempDir,
    programs: PathBuf,
    account: Account,
    /// The port on `127.0.0.1`, or [`NAME_OF_THE_SOCKET`].
    port: u16,
    settings: Vec<String>,
    running: Mutex<Option<Child>>,
}

/// A certificate for a server that is to speak TLS on `127.0.0.1`.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    /// The certificate and those that sign it, in PEM.
    pub certificate_pem: &'a str,
    /// Its key, in PEM.
    pub key_pem: &'a str,
}

/// What nobody needs whose machine never loses power: a server that crashes still keeps what it acknowledged.
const CARELESS: [&str; 3] = ["fsync=off", "full_page_writes=off", "autovacuum=off"];

/// Where it listens on a socket alone, its port is just a part of the socket's name.
const NAME_OF_THE_SOCKET: u16 = 5432;

impl Server {
    /// Makes and starts a server that listens on a socket alone; `None`, loudly, where there is no PostgreSQL.
    ///
    /// # Errors
    ///
    /// What PostgreSQL said instead of starting.
    pub fn start() -> io::Result<Option<Self>> {
        Self::make(NAME_OF_THE_SOCKET, |_| Ok(careless(&["listen_addresses="])))
    }

    /// As [`start`](Self::start), with PostgreSQL's own settings: a commit waits for the disk, as an owner's does.
    ///
    /// # Errors
    ///
    /// What PostgreSQL said instead of starting.
    pub fn start_durable() -> io::Result<Option<Self>> {
        Self::make(NAME_OF_THE_SOCKET, |_| Ok(vec!["listen_addresses=".to_owned()]))
    }

    /// As [`start`](Self::start), for a server that listens on a free port of `127.0.0.1` too and speaks TLS there.
    ///
    /// # Errors
    ///
    /// What PostgreSQL said instead of starting.
    pub fn start_with_tls(tls: Tls<'_>) -> io::Result<Option<Self>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Self::make(port, |server| {
            let certificate = server.keep("server.crt", tls.certificate_pem)?;
            let key = server.keep("server.key", tls.key_pem)?;
            Ok(careless(&[
                "listen_addresses=127.0.0.1",
                "ssl=on",
                &format!("ssl_cert_file={}", certificate.display()),
                &format!("ssl_key_file={}", key.display()),
            ]))
        })
    }

    /// Makes an empty database and gives its address, by the socket.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        self.run("postgres", &format!("CREATE DATABASE \"{name}\""));
        format!("postgres://postgres@localhost:{}/{name}?host={}", self.port, self.folder.path().display())
    }

    /// A network between this server and those who reach it through there.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub fn network(&self) -> io::Result<Network> {
        Network::before(self.folder.path().join(format!(".s.PGSQL.{}", self.port)))
    }

    /// The port, for addresses with `127.0.0.1`.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs a statement with `psql`, and gives its rows: fields with `|` between them.
    ///
    /// # Panics
    ///
    /// When the server refuses; the panic says what it said.
    pub fn run(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.env_clear().arg("--host").arg(self.folder.path()).args(["--port", &self.port.to_string()]);
        psql.args(["--username=postgres", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--dbname", database, "--command", sql]);
        let ended = psql.output().expect("psql comes with PostgreSQL");
        fine(&ended).unwrap_or_else(|error| refused(sql, &error));
        String::from_utf8_lossy(&ended.stdout).trim_end().to_owned()
    }

    /// Stops it as a service manager does: connections break, what was committed stays.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn stop(&self) {
        self.end(Signal::INT);
    }

    /// Stops it from one moment to the next, so that it has to recover when it starts again.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn crash(&self) {
        self.end(Signal::QUIT);
    }

    /// Starts it again after [`stop`](Self::stop) or [`crash`](Self::crash), with its data and address.
    ///
    /// # Errors
    ///
    /// What PostgreSQL said instead of starting.
    pub fn resume(&self) -> io::Result<()> {
        let mut postgres = Command::new(self.programs.join("postgres"));
        postgres.env_clear().arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        postgres.arg("-k").arg(self.folder.path());
        postgres.args(self.settings.iter().flat_map(|setting| ["-c", setting]));
        postgres.current_dir(self.folder.path());
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = self.account.run_as(&mut postgres).spawn()?;
        let log = child.stderr.take().ok_or_else(|| io::Error::other("PostgreSQL has no log"))?;
        let ready = listen_to(log);
        if let Err(said) = ready.recv().unwrap_or_else(|_| Err("nothing".to_owned())) {
            child.wait()?;
            return Err(io::Error::other(format!("PostgreSQL did not start; it said: {said}")));
        }
        *self.running() = Some(child);
        Ok(())
    }

    /// [`stop`](Self::stop) and [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// What PostgreSQL said instead of starting.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn restart(&self) -> io::Result<()> {
        self.stop();
        self.resume()
    }

    fn make(port: u16, settings: impl FnOnce(&Self) -> io::Result<Vec<String>>) -> io::Result<Option<Self>> {
        let (Some(programs), Some(account)) = (installed::programs(), Account::find()) else {
            skipped();
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        account.own(folder.path())?;
        let running = Mutex::new(None);
        let mut server = Self { folder, programs, account, port, settings: Vec::new(), running };
        server.initialise()?;
        server.settings = settings(&server)?;
        server.resume()?;
        Ok(Some(server))
    }

    fn initialise(&self) -> io::Result<()> {
        let mut initdb = Command::new(self.programs.join("initdb"));
        initdb.env_clear().current_dir(self.folder.path()).arg("-D").arg(self.data());
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        fine(&self.account.run_as(&mut initdb).output()?)
    }

    /// Keeps a file that only the server may read.
    fn keep(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        self.account.own(&path)?;
        Ok(path)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn running(&self) -> MutexGuard<'_, Option<Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, signal: Signal) {
        let mut child = self.running().take().expect("a server that runs");
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        child.wait().expect("a child can be waited for");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.running().is_some() {
            self.crash();
        }
    }
}

fn careless(settings: &[&str]) -> Vec<String> {
    settings.iter().copied().chain(CARELESS).map(str::to_owned).collect()
}

fn fine(ended: &Output) -> io::Result<()> {
    if ended.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&ended.stderr).into_owned()))
}

#[expect(clippy::panic, reason = "a test fails by panicking, and says all that was said")]
fn refused(sql: &str, error: &io::Error) -> ! {
    panic!("{sql}: {error}")
}

#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn skipped() {
    println!(
        "SKIPPED: there is no PostgreSQL here, or no user `postgres` to run it as; `cargo xtask setup` installs it"
    );
}

/// Reads the server's log to its end, and tells when the server is ready, or all it said when it never was.
fn listen_to(log: ChildStderr) -> Receiver<Result<(), String>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut said = String::new();
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if line.contains("database system is ready to accept connections") {
                // Whoever waits may have given up.
                let _ = tell.send(Ok(()));
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = tell.send(Err(said));
    });
    told
}

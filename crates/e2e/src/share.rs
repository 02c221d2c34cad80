use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Ended, airstair};

/// How long a line may be waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A user who shares packages from a terminal: where their temporary files go, and what is kept from run to run.
#[derive(Debug)]
pub struct ShareUser {
    binary: PathBuf,
    home: TempDir,
}

/// `airstair share` while it runs; killed when this is dropped.
#[derive(Debug)]
pub struct Share {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
}

impl ShareUser {
    /// Someone who has never shared anything.
    ///
    /// # Panics
    ///
    /// When no temporary folder can be made.
    #[must_use]
    pub fn new(binary: &Path) -> Self {
        let user = Self { binary: binary.to_owned(), home: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(user.temporary()).expect("room for a folder");
        user
    }

    /// Where the command may leave nothing.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.home.path().join("tmp")
    }

    /// The root that phones trust, in PEM.
    ///
    /// # Panics
    ///
    /// Before the first run that makes one.
    #[must_use]
    pub fn root_pem(&self) -> String {
        let folder = self.home.path().join("state").join("airstair").join("share-tls");
        fs::read_to_string(folder.join("root.pem")).expect("a root, once something was shared")
    }

    /// Starts to share.
    ///
    /// # Panics
    ///
    /// When the binary can't be run.
    #[must_use]
    pub fn share(&self, words: &[&str]) -> Share {
        let mut command = airstair(&self.binary, [&["share"], words].concat());
        command.env("TMPDIR", self.temporary()).env("XDG_STATE_HOME", self.home.path().join("state"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be run");
        let stdout = child.stdout.take().expect("a pipe was asked for");
        let mut stderr = child.stderr.take().expect("a pipe was asked for");
        let (teller, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Whoever listened may have gone; the pipe is emptied all the same.
                let _ = teller.send(line);
            }
        });
        let stderr = thread::spawn(move || {
            let mut said = Vec::new();
            // What was said before the pipe broke is kept.
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        Share { child, lines, stderr: Some(stderr) }
    }
}

impl Share {
    /// The next line on standard output; `None` when there will be no more.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        self.lines.recv_timeout(PATIENCE).ok()
    }

    /// The lines up to the first that holds `words`, that one included.
    ///
    /// # Panics
    ///
    /// When it ends before.
    #[must_use]
    pub fn lines_to(&mut self, words: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let line = self.line().ok_or_else(|| self.rest(seen.join("\n")));
            seen.push(line.expect("more lines"));
            if seen.last().is_some_and(|line| line.contains(words)) {
                return seen;
            }
        }
    }

    /// The next JSON value on standard output.
    ///
    /// # Panics
    ///
    /// When it ends before.
    #[must_use]
    pub fn json(&mut self) -> Value {
        let mut text = String::new();
        loop {
            let line = self.line().ok_or_else(|| self.rest(text.clone()));
            text.push_str(&line.expect("more lines"));
            text.push('\n');
            if let Ok(value) = serde_json::from_str(&text) {
                return value;
            }
        }
    }

    /// Presses Ctrl-C, and gives how it ended and what it said last.
    ///
    /// # Panics
    ///
    /// When it has ended already.
    #[must_use]
    pub fn interrupt(mut self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it runs");
        self.rest(String::new())
    }

    /// Waits until it ends by itself.
    #[must_use]
    pub fn ended(mut self) -> Ended {
        self.rest(String::new())
    }

    fn rest(&mut self, before: String) -> Ended {
        let status = self.child.wait().expect("a child can be waited for");
        let stdout = self.lines.iter().fold(before, |text, line| text + &line + "\n");
        let stderr = self.stderr.take().map(|reader| reader.join().expect("the reader does not panic"));
        Ended { code: status.code(), stdout, stderr: stderr.unwrap_or_default() }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.stderr.is_some() {
            // A test that fails leaves nothing running; one that ended itself needs no killing.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

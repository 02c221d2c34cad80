use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use super::BrowserError;

/// A program that runs beside the test, and is killed when this is dropped.
///
/// It stays in the test's process group, so that whoever ends the test by force ends it too.
#[derive(Debug)]
pub(super) struct Process {
    program: &'static str,
    child: Child,
    /// Where its standard error goes.
    said: PathBuf,
}

impl Process {
    /// Starts a program at home in `home`: it finds nobody's settings, display or proxy.
    pub(super) fn start(
        program: &'static str,
        home: &Path,
        prepare: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Self, BrowserError> {
        let said = home.join(format!("{program}.log"));
        let mut command = command(program, home);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&said)?);
        let child = prepare(&mut command).spawn().map_err(|error| not_started(program, error))?;
        Ok(Self { program, child, said })
    }

    /// Reads its standard output up to the line in which `find` finds something.
    pub(super) fn announced<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T, BrowserError> {
        let mut lines = BufReader::new(self.child.stdout.take().expect("it is read once")).lines();
        let found = lines.by_ref().map_while(Result::ok).find_map(|line| find(&line));
        // What else it says is read too, so that it never waits for a reader.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        found.ok_or_else(|| self.failure())
    }

    /// Whether it has ended already.
    pub(super) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    pub(super) fn failure(&self) -> BrowserError {
        let said = fs::read_to_string(&self.said).unwrap_or_default();
        BrowserError::Start { program: self.program, said }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that ended itself needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end, which must be a good one.
pub(super) fn run(program: &'static str, home: &Path, arguments: &[&str]) -> Result<(), BrowserError> {
    let output = command(program, home).args(arguments).output();
    let output = output.map_err(|error| not_started(program, error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(BrowserError::Start { program, said: String::from_utf8_lossy(&output.stderr).into_owned() })
}

#[expect(clippy::disallowed_methods, reason = "PATH is where programs are looked up")]
fn command(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("TMPDIR", home).env("LANG", "C.UTF-8");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

fn not_started(program: &'static str, error: io::Error) -> BrowserError {
    match error.kind() {
        ErrorKind::NotFound => BrowserError::Absent(program),
        _ => BrowserError::Folder(error),
    }
}

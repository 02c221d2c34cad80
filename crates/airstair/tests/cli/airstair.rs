//! Runs the binary.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use testkit::app::AppPackage;
use time::UtcDateTime;

/// What a run of the binary came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The answer of a run with `--json`.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// Runs the binary with `words` in an empty environment, nothing on standard input.
pub(crate) fn run<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Run {
    run_with_input(words, "")
}

/// Runs the binary with `input` on standard input.
pub(crate) fn run_with_input<S: AsRef<OsStr>>(
    words: impl IntoIterator<Item = S>,
    input: impl AsRef<[u8]>,
) -> Run {
    finish(&mut command(words), input)
}

/// The binary with `words` in an empty environment, for tests that put something into it.
pub(crate) fn command<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airstair"));
    command.args(words).env_clear();
    command
}

/// Runs it with `input` on standard input.
pub(crate) fn finish(command: &mut Command, input: impl AsRef<[u8]>) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that reads no input closes the pipe; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code =
        output.status.code().unwrap_or_else(|| panic!("it was ended by a signal: {:?}", output.status));
    Run { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder for the files of one test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a file into it.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Puts a package into it.
    pub(crate) fn package(&self, name: &str, package: &AppPackage) -> PathBuf {
        self.file(name, package.build())
    }

    /// The names in it.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A package that is sound when the test runs, since the binary asks the clock.
pub(crate) fn package() -> AppPackage {
    AppPackage::new("com.example.notes").version("2.4.1").build_number("456").now(now())
}

/// The moment, to the second: what dates in profiles can hold.
#[expect(clippy::disallowed_methods, reason = "what the binary judges by")]
pub(crate) fn now() -> UtcDateTime {
    UtcDateTime::now().replace_nanosecond(0).unwrap()
}

/// Hides what changes from run to run: times, and what is made from them.
pub(crate) fn redacted() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (pattern, replacement) in [
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", "[moment]"),
        (r"\d{4}-\d{2}-\d{2}", "[date]"),
        (
            r"\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December) \d{4}",
            "[day]",
        ),
        (r"(in )?\d+ (day|year)s?( ago)?", "[distance]"),
        (r"[0-9a-f]{64}", "[sha256]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
        (r"\d+\.\d [kM]?B, \d+\.\d [kM]?B unpacked", "[size]"),
        (r#""(size_bytes|unpacked_bytes)": \d+"#, r#""$1": [bytes]"#),
        (r"/tmp/\.tmp[A-Za-z0-9]+", "[folder]"),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings
}

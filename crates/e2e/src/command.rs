use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, Output};

/// How a run of the binary ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it said on standard output.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

impl Ended {
    /// Standard output as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| unreadable(self, &error))
    }

    /// The same, or all that was said when it did not end well.
    ///
    /// # Errors
    ///
    /// Itself, when the exit code is not 0.
    pub fn fine(self) -> Result<Self, Self> {
        if self.code == Some(0) { Ok(self) } else { Err(self) }
    }
}

#[expect(clippy::panic, reason = "a test fails by panicking, and says all that was said")]
fn unreadable(ended: &Ended, error: &serde_json::Error) -> ! {
    panic!("no JSON ({error}): {ended}")
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(f, "exit code {code:?}\nstdout: {stdout}\nstderr: {stderr}")
    }
}

impl std::error::Error for Ended {}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The binary with no environment of its own, so that nobody's settings or CI variables reach it.
pub(crate) fn airstair(binary: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().args(arguments);
    command
}

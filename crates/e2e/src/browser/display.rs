use std::path::Path;

use super::BrowserError;
use super::process::Process;

/// A screen that nobody sees, for browsers that need one.
#[derive(Debug)]
pub(super) struct Display {
    name: String,
    _server: Process,
}

impl Display {
    /// Opens one under a number that the server itself finds free.
    pub(super) fn open(home: &Path) -> Result<Self, BrowserError> {
        let screen = ["-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"];
        let mut server = Process::start("Xvfb", home, |command| command.args(screen))?;
        let number: u32 = server.announced(|line| line.trim().parse().ok())?;
        Ok(Self { name: format!(":{number}"), _server: server })
    }

    /// What `DISPLAY` must be.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

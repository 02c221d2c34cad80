use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Whose processes the server's are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account {
    /// Whoever runs the test.
    Own,
    /// Another one, since root's own are refused.
    Other { user: u32, group: u32 },
}

impl Account {
    /// The account to run a server with; `None` where only root could, and there is no user `postgres`.
    pub(crate) fn find() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return Some(Self::Own);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
        let account = accounts.lines().find(|line| line.starts_with("postgres:"))?;
        let mut fields = account.split(':').skip(2).map(str::parse);
        let (user, group) = (fields.next()?.ok()?, fields.next()?.ok()?);
        Some(Self::Other { user, group })
    }

    /// Hands a file or folder over to it.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => chown(path, Some(user), Some(group)),
        }
    }

    /// Makes a command run as it.
    pub(crate) fn run_as(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Own => command,
            Self::Other { user, group } => command.uid(user).gid(group),
        }
    }
}

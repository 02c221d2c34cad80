use std::io::{Stdin, stdin};

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// While this lives, the terminal does not show the keys that are pressed, Ctrl-C too: they would push the rows out of
/// their places.
pub(super) struct QuietKeys {
    before: Termios,
}

impl QuietKeys {
    /// `None` where keys don't come from a terminal that is ours to set.
    pub(super) fn begin() -> Option<Self> {
        let terminal = stdin();
        let before = tcgetattr(&terminal).ok().filter(|_| is_ours(&terminal))?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ECHOCTL);
        tcsetattr(&terminal, OptionalActions::Now, &quiet).ok()?;
        Some(Self { before })
    }
}

impl Drop for QuietKeys {
    fn drop(&mut self) {
        let terminal = stdin();
        if is_ours(&terminal) {
            // Where that fails there is no terminal any more.
            let _ = tcsetattr(&terminal, OptionalActions::Now, &self.before);
        }
    }
}

/// Whether this program is in the foreground; one in the background that sets a terminal is stopped for it.
fn is_ours(terminal: &Stdin) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp())
}

use fantoccini::error::{CmdError, NewSessionError};

use crate::DeviceError;

/// Why a browser did not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// A program is not installed on this machine.
    #[error("there is no {0} on PATH")]
    Absent(&'static str),
    /// A program ended instead of coming up.
    #[error("{program} did not come up: {said}")]
    Start {
        /// Which one.
        program: &'static str,
        /// What it said on standard error.
        said: String,
    },
    /// The driver opened no window.
    #[error("the browser opened no window")]
    Session(#[from] NewSessionError),
    /// The driver or the browser failed at a command.
    #[error("the browser did not do as asked: {0}")]
    Command(#[from] CmdError),
    /// What was waited for did not come.
    #[error("{0} was waited for in vain")]
    Vain(&'static str),
    /// The page is none that a device would have.
    #[error(transparent)]
    Page(#[from] DeviceError),
    /// The server's certificate could not be asked for.
    #[error("the server's certificate is not to be had")]
    Certificate(#[from] reqwest::Error),
    /// The browser's folder can't be written.
    #[error("the browser's folder can't be written")]
    Folder(#[from] std::io::Error),
}

use std::process::ExitCode;

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// All is well.
    Fine,
    /// The answer was given, and it is bad; nothing more needs saying.
    Bad,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Fine => ExitCode::SUCCESS,
            Self::Bad => ExitCode::from(1),
        }
    }
}

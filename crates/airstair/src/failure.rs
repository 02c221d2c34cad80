use std::fmt::Display;
use std::process::ExitCode;

use serde::Serialize;
use web::FindingView;

/// Why a command could not end well: what is said, and the exit code it stands for.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    kind: FailureKind,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    help: Option<String>,
    /// What a device would refuse, for programs that read JSON.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingView>,
}

/// The exit codes, as documented in the guide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum FailureKind {
    /// The answer is bad: findings of severity error, an upload refused, a faulty link.
    BadAnswer = 1,
    /// The command was called wrongly. (Clap answers 2 for what it finds itself.)
    Usage = 2,
    /// The work could not be done: network, disk, another process.
    NotDone = 3,
}

impl Failure {
    /// What was asked about is bad.
    pub(crate) fn bad_answer(message: impl Display) -> Self {
        Self::new(FailureKind::BadAnswer, message)
    }

    /// The command was called wrongly.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// The work could not be done.
    pub(crate) fn not_done(message: impl Display) -> Self {
        Self::new(FailureKind::NotDone, message)
    }

    fn new(kind: FailureKind, message: impl Display) -> Self {
        Self { kind, message: message.to_string(), causes: Vec::new(), help: None, findings: Vec::new() }
    }

    /// Adds the error behind this one, and those behind it.
    pub(crate) fn because(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds one more thing that is the matter.
    pub(crate) fn detail(mut self, detail: String) -> Self {
        self.causes.push(detail);
        self
    }

    /// Adds what the person can do about it.
    pub(crate) fn help(mut self, help: impl Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Adds what a device would refuse.
    pub(crate) fn findings(mut self, findings: Vec<FindingView>) -> Self {
        self.findings = findings;
        self
    }

    /// What went wrong, in one sentence without a full stop.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The errors behind it, the nearest first.
    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    /// What the person can do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

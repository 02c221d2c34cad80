use doctor::rules;
use ipa::SigningKind;
use time::UtcDateTime;

use crate::help::help_path;
use crate::words;

/// How a build is signed, and what that asks of the person who installs it.
#[derive(Clone, Debug)]
pub struct SigningCard {
    pub(crate) kind: &'static str,
    pub(crate) expires_at: UtcDateTime,
    pub(crate) device_count: Option<usize>,
    pub(crate) steps: &'static [&'static str],
    /// The finding that asks for the steps.
    pub(crate) code: Option<&'static str>,
    pub(crate) help_url: Option<String>,
}

impl SigningCard {
    /// A build whose profile runs out at `expires_at` and lists so many devices; `None` when it allows any.
    #[must_use]
    pub fn new(kind: SigningKind, expires_at: UtcDateTime, device_count: Option<usize>) -> Self {
        let (code, steps) = steps(kind);
        Self { kind: words::signing(kind), expires_at, device_count, steps, code, help_url: None }
    }

    /// The same on a server, which has a page that says why the steps are asked for.
    #[must_use]
    pub fn with_help(self) -> Self {
        Self { help_url: self.code.and_then(rules::find).map(help_path), ..self }
    }
}

/// What the person must do after installing, in the words of the device's own menus, and the finding that says why.
fn steps(kind: SigningKind) -> (Option<&'static str>, &'static [&'static str]) {
    match kind {
        SigningKind::InHouse => (
            Some("PRF012"),
            &[
                "Open Settings › General › VPN & Device Management, choose the developer and tap Trust.",
                "On iOS 18 and later choose Allow & Restart, and enter the passcode after the restart.",
            ],
        ),
        SigningKind::Development => (
            Some("PRF011"),
            &["Open Settings › Privacy & Security › Developer Mode, switch it on and restart when asked."],
        ),
        SigningKind::AdHoc | SigningKind::AppStore => (None, &[]),
    }
}

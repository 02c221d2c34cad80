use ipa::SigningKind;
use time::UtcDateTime;

use crate::words;

/// How a build is signed, and what that asks of the person who installs it.
#[derive(Clone, Debug)]
pub struct SigningCard {
    pub(crate) kind: &'static str,
    pub(crate) expires_at: UtcDateTime,
    pub(crate) device_count: Option<usize>,
    pub(crate) steps: &'static [&'static str],
}

impl SigningCard {
    /// A build whose profile runs out at `expires_at` and lists so many devices; `None` when it allows any.
    #[must_use]
    pub fn new(kind: SigningKind, expires_at: UtcDateTime, device_count: Option<usize>) -> Self {
        Self { kind: words::signing(kind), expires_at, device_count, steps: steps(kind) }
    }
}

/// What the person must do after installing, in the words of the device's own menus.
fn steps(kind: SigningKind) -> &'static [&'static str] {
    match kind {
        SigningKind::InHouse => &[
            "Open Settings › General › VPN & Device Management, choose the developer and tap Trust.",
            "On iOS 18 and later choose Allow & Restart, and enter the passcode after the restart.",
        ],
        SigningKind::Development => {
            &["Open Settings › Privacy & Security › Developer Mode, switch it on and restart when asked."]
        }
        SigningKind::AdHoc | SigningKind::AppStore => &[],
    }
}

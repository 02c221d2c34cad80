use std::fmt;

/// What an installing device says of itself in its `User-Agent`.
///
/// Good for logs, compatibility hints and telling an installer from a browser; never for access control, since anybody
/// can send these words. Observed on devices: Apple documents none of it.
///
/// ```
/// use itms_services::{InstallerAgent, InstallerDaemon};
///
/// let agent = InstallerAgent::parse(
///     "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1",
/// )
/// .expect("this is how iOS 18 presents itself");
/// assert_eq!(agent.daemon(), InstallerDaemon::AppStored);
/// assert_eq!(agent.model(), Some("iPhone15,2"));
/// assert_eq!(agent.os_version(), Some("18.0"));
/// assert_eq!(agent.os_build(), Some("22A3354"));
///
/// assert_eq!(InstallerAgent::parse("curl/8.5.0"), None);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct InstallerAgent {
    daemon: InstallerDaemon,
    model: Option<String>,
    os_version: Option<String>,
    os_build: Option<String>,
}

/// The program on the device that fetches manifests and packages.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum InstallerDaemon {
    /// `com.apple.appstored`, from about iOS 12 on.
    AppStored,
    /// `itunesstored`, before it.
    ItunesStored,
    /// `dmd`, when a device management server ordered the installation. Tells neither model nor version.
    DeviceManagement,
}

impl InstallerDaemon {
    /// The daemon's own name: `appstored`, `itunesstored` or `dmd`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppStored => "appstored",
            Self::ItunesStored => "itunesstored",
            Self::DeviceManagement => "dmd",
        }
    }
}

impl fmt::Display for InstallerDaemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl InstallerAgent {
    /// The longest user agent that is looked at, in bytes. Real ones stay below 200.
    pub const MAX_BYTES: usize = 1024;

    /// Reads the value of a `User-Agent` header.
    ///
    /// `None` for browsers, tools, bots, for the enrolment agent `Profile/1.0` (it installs nothing), and for texts
    /// longer than [`MAX_BYTES`](Self::MAX_BYTES). Words may come in any order after the first and be any white space
    /// apart; a word that is absent or not of the expected form leaves its value `None`.
    #[must_use]
    pub fn parse(user_agent: &str) -> Option<Self> {
        if user_agent.len() > Self::MAX_BYTES {
            return None;
        }
        let mut words = user_agent.split_whitespace();
        let (product, version) = words.next()?.split_once('/')?;
        if version.is_empty() {
            return None;
        }
        let daemon = match product {
            "com.apple.appstored" => InstallerDaemon::AppStored,
            "itunesstored" => InstallerDaemon::ItunesStored,
            "dmd" => InstallerDaemon::DeviceManagement,
            _ => return None,
        };
        let mut agent = Self { daemon, model: None, os_version: None, os_build: None };
        let mut speaks_network_framework = false;
        for word in words {
            // The comment that follows, such as `(6; dt:282)`, holds no word of this form.
            let Some((name, value)) = word.split_once('/') else { continue };
            let (field, is_of_the_form): (_, fn(&str) -> bool) = match name {
                "iOS" | "iPadOS" => (&mut agent.os_version, is_version),
                "model" => (&mut agent.model, is_model),
                "build" => (&mut agent.os_build, is_build),
                "CFNetwork" => {
                    speaks_network_framework = true;
                    continue;
                }
                _ => continue,
            };
            if field.is_none() && is_of_the_form(value) {
                *field = Some(value.to_owned());
            }
        }
        // `dmd` alone is too short a name to be sure of.
        (daemon != InstallerDaemon::DeviceManagement || speaks_network_framework).then_some(agent)
    }

    /// Which daemon asks.
    #[must_use]
    pub fn daemon(&self) -> InstallerDaemon {
        self.daemon
    }

    /// The model identifier, such as `iPhone15,2`: ASCII letters, digits, a comma, digits; at most 32 bytes.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The system's version, such as `18.0` or `17.5.1`: up to four numbers with dots between; at most 16 bytes.
    #[must_use]
    pub fn os_version(&self) -> Option<&str> {
        self.os_version.as_deref()
    }

    /// The system's build, such as `22A3354`: ASCII letters and digits; at most 16 bytes.
    #[must_use]
    pub fn os_build(&self) -> Option<&str> {
        self.os_build.as_deref()
    }
}

fn is_version(text: &str) -> bool {
    text.len() <= 16 && text.split('.').count() <= 4 && text.split('.').all(is_number)
}

fn is_model(text: &str) -> bool {
    let Some((family, minor)) = text.split_once(',') else { return false };
    let letters = family.trim_end_matches(|c: char| c.is_ascii_digit());
    text.len() <= 32
        && !letters.is_empty()
        && letters.chars().all(|c| c.is_ascii_alphabetic())
        && letters.len() < family.len()
        && is_number(minor)
}

fn is_build(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn installers_are_told_apart() {
        use InstallerDaemon::{AppStored, DeviceManagement, ItunesStored};
        for (text, daemon, model, version, build, why) in [
            (
                "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1",
                AppStored,
                Some("iPhone15,2"),
                Some("18.0"),
                Some("22A3354"),
                "a current iPhone",
            ),
            (
                "itunesstored/1.0 iOS/9.3.5 model/iPad2,1 hwp/s5l8940x build/13G36 (6; dt:73)",
                ItunesStored,
                Some("iPad2,1"),
                Some("9.3.5"),
                Some("13G36"),
                "an old iPad",
            ),
            (
                "com.apple.appstored/1.0 iPadOS/26.1 model/iPad14,10 build/23B85a",
                AppStored,
                Some("iPad14,10"),
                Some("26.1"),
                Some("23B85a"),
                "a system under its tablet name, a beta build",
            ),
            (
                "  com.apple.appstored/1.0\t iOS/18.0   model/iPhone15,2  build/22A3354 ",
                AppStored,
                Some("iPhone15,2"),
                Some("18.0"),
                Some("22A3354"),
                "odd spacing",
            ),
            (
                "com.apple.appstored/1.0 build/22A3354 model/iPhone15,2 iOS/18.0",
                AppStored,
                Some("iPhone15,2"),
                Some("18.0"),
                Some("22A3354"),
                "another order",
            ),
            (
                "com.apple.appstored/1.0 iOS/18.0 iOS/17.0 build/1 build/2",
                AppStored,
                None,
                Some("18.0"),
                Some("1"),
                "the first word of a name counts",
            ),
            (
                "com.apple.appstored/1.0 iOS/18;x model/<b> build/",
                AppStored,
                None,
                None,
                None,
                "values of a wrong form are left out",
            ),
            (
                "com.apple.appstored/1.0 iOS/1.2.3.4.5 model/iPhone, build/12345678901234567",
                AppStored,
                None,
                None,
                None,
                "one part, digit or character too many or too few",
            ),
            (
                "dmd/1.0 CFNetwork/1568.100.1 Darwin/24.0.0",
                DeviceManagement,
                None,
                None,
                None,
                "device management",
            ),
        ] {
            let agent = InstallerAgent::parse(text).expect(why);
            assert_eq!(
                (agent.daemon(), agent.model(), agent.os_version(), agent.os_build()),
                (daemon, model, version, build),
                "{why}"
            );
        }
    }

    #[test]
    fn everybody_else_is_no_installer() {
        for (text, who) in [
            ("", "nobody"),
            ("   ", "blanks"),
            ("curl/8.5.0", "curl"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari",
            ),
            ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "a preview bot"),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; com.apple.appstored/1.0 iOS/18.0)",
                "a bot naming it later",
            ),
            ("Profile/1.0", "the enrolment service"),
            ("com.apple.appstored", "the name without a version"),
            ("com.apple.appstored/", "an empty version"),
            ("com.apple.appstored.evil/1.0 iOS/18.0", "a longer name"),
            ("Com.Apple.AppStored/1.0 iOS/18.0", "another case"),
            ("dmd/1.0", "a short name with nothing behind it"),
        ] {
            assert_eq!(InstallerAgent::parse(text), None, "{who}");
        }
    }

    #[test]
    fn the_length_is_bounded() {
        let agent = "com.apple.appstored/1.0 iOS/18.0 ";
        let fits = format!("{agent}{}", "x".repeat(InstallerAgent::MAX_BYTES - agent.len()));
        assert!(InstallerAgent::parse(&fits).is_some(), "at the limit");
        assert_eq!(InstallerAgent::parse(&format!("{fits}x")), None, "one byte over it");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = InstallerAgent::parse(&text);
        }

        #[test]
        fn what_is_kept_is_plain_and_short(tail in "[ -~]{0,200}") {
            let agent = InstallerAgent::parse(&format!("com.apple.appstored/1.0 {tail}")).unwrap();
            for value in [agent.model(), agent.os_version(), agent.os_build()].into_iter().flatten() {
                prop_assert!(value.len() <= 32 && value.chars().all(|c| c.is_ascii_alphanumeric() || ",.".contains(c)));
            }
        }
    }
}

//! What people see, and what to suspect first.

use serde::Serialize;

/// Something a device shows, and what is behind it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Symptom {
    /// What is seen.
    pub shown: &'static str,
    /// Other words for it, as people type them.
    #[serde(skip)]
    words: &'static [&'static str],
    /// What to suspect, the likeliest first.
    pub suspects: &'static [Suspect],
}

/// Something that may be behind a symptom.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Suspect {
    /// What it is.
    pub what: &'static str,
    /// Names of the rules that find it; none where nothing but the device can tell.
    pub rules: &'static [&'static str],
}

const fn suspect(what: &'static str, rules: &'static [&'static str]) -> Suspect {
    Suspect { what, rules }
}

/// Every symptom known. Most were observed; what Apple documents is what a device shows at launch.
pub static ALL: &[Symptom] = &[
    Symptom {
        shown: "nothing happens, and the server's log stays empty",
        words: &["nothing happens", "no prompt", "no reaction", "does nothing"],
        suspects: &[
            suspect(
                "the link is spelt in a way the installer drops",
                &[
                    "double-escaped-ampersand",
                    "wrong-scheme",
                    "action-missing-or-wrong",
                    "manifest-url-encoded-twice",
                    "manifest-url-not-absolute",
                ],
            ),
            suspect("the page is open in another app's browser, which does not hand the link on", &[]),
            suspect(
                "the link is no plain anchor: a script, a router or a frame swallows the tap",
                &["link-not-an-anchor", "link-behind-script", "page-opens-in-frame"],
            ),
            suspect("it is tapped on a simulator or a desktop", &[]),
            suspect("the device's management or Screen Time forbids installing apps", &[]),
        ],
    },
    Symptom {
        shown: "nothing happens, though the manifest was fetched",
        words: &["nothing happens", "manifest fetched"],
        suspects: &[
            suspect(
                "the manifest is no property list, or a web page",
                &["manifest-not-a-plist", "manifest-is-html", "text-before-xml"],
            ),
            suspect("the manifest is long in coming", &["manifest-slow"]),
            suspect("on older systems: a copy from the App Store or TestFlight is installed", &[]),
        ],
    },
    Symptom {
        shown: "\"Cannot connect to\" the host",
        words: &["cannot connect to", "could not connect"],
        suspects: &[
            suspect(
                "the device does not trust the certificate, or its chain is not whole",
                &[
                    "chain-incomplete",
                    "self-signed-certificate",
                    "certificate-name-mismatch",
                    "certificate-expired",
                    "private-root",
                    "revoked-certificate",
                ],
            ),
            suspect(
                "the name does not resolve on the device, or a VPN or an ad blocker is in the way",
                &["name-not-resolved", "address-is-private", "address-is-loopback"],
            ),
            suspect(
                "nothing takes the connection, or what does speaks no TLS that devices speak",
                &["connection-refused", "connection-slow", "handshake-failed", "old-tls-version"],
            ),
            suspect(
                "a filter against bots lets browsers through and the installer not",
                &["blocked-for-installer"],
            ),
            suspect(
                "the manifest answers 401, 404, or with a page to sign in",
                &["manifest-status", "manifest-needs-login", "manifest-is-html"],
            ),
            suspect(
                "the manifest's redirects lead nowhere, or the server does not answer, or breaks off",
                &["manifest-redirected", "manifest-slow", "manifest-cut-off"],
            ),
            suspect(
                "something stands before the XML, or it is none",
                &["text-before-xml", "manifest-not-a-plist"],
            ),
            suspect(
                "the device takes no app from the manifest",
                &[
                    "kind-not-software",
                    "title-missing",
                    "bundle-identifier-missing",
                    "platform-identifier-wrong",
                    "no-software-package",
                    "items-missing",
                ],
            ),
            suspect(
                "the manifest's address is not https, or is the device itself",
                &["manifest-url-not-https", "manifest-host-is-the-device"],
            ),
        ],
    },
    Symptom {
        shown: "\"The certificate for\" the host \"is not valid\"",
        words: &["certificate is not valid", "certificate for this server is invalid", "not trusted"],
        suspects: &[
            suspect(
                "the certificate is not one the device trusts",
                &["self-signed-certificate", "private-root", "chain-incomplete", "revoked-certificate"],
            ),
            suspect(
                "it is another host's, or has run out",
                &["certificate-name-mismatch", "certificate-expired", "certificate-not-yet-valid"],
            ),
            suspect(
                "it is good for too long, or lacks what Apple asks of it",
                &["lifetime-too-long", "missing-server-auth", "weak-key", "weak-signature"],
            ),
        ],
    },
    Symptom {
        shown: "the app \"is already installed\" or must be deleted first",
        words: &["already installed", "delete the app"],
        suspects: &[suspect("a copy from the App Store or TestFlight is installed: delete it", &[])],
    },
    Symptom {
        shown: "a dialog asks for a name and a password",
        words: &["login", "password", "sign in", "user name"],
        suspects: &[suspect(
            "the manifest or the package wants Basic or Digest authentication",
            &["manifest-needs-login", "package-status"],
        )],
    },
    Symptom {
        shown: "a grey icon that says \"Waiting…\" or \"Loading…\"",
        words: &["waiting", "loading", "grey icon", "gray icon", "stuck"],
        suspects: &[
            suspect(
                "the package can't be fetched, or comes slowly",
                &[
                    "package-status",
                    "package-slow",
                    "package-redirected",
                    "package-cut-off",
                    "package-url-not-https",
                ],
            ),
            suspect(
                "something else comes in the package's place",
                &["package-not-a-zip", "blocked-for-installer"],
            ),
            suspect(
                "the server does not answer HEAD, or not with the length",
                &["head-refused", "length-missing-or-wrong"],
            ),
            suspect("the cellular limit or Low Data Mode holds the download", &[]),
        ],
    },
    Symptom {
        shown: "the app has a blank icon while it is installed",
        words: &["blank icon", "white icon", "no icon", "placeholder"],
        suspects: &[
            suspect(
                "the manifest's icon can't be fetched, or is no image",
                &["icon-unreachable", "icon-not-an-image"],
            ),
            suspect("the manifest names no icon", &[]),
        ],
    },
    Symptom {
        shown: "it downloads to the end, and then the icon stays grey or has a cloud",
        words: &["100 %", "100%", "cloud", "grey icon", "gray icon", "finishing an incomplete stream"],
        suspects: &[
            suspect(
                "the archive can't be unpacked as a stream",
                &[
                    "stored-with-descriptor",
                    "directory-with-descriptor",
                    "headers-disagree",
                    "overlapping-entries",
                    "truncated-archive",
                ],
            ),
            suspect(
                "something on the way changes the bytes",
                &["content-encoded", "ranges-not-supported", "digest-mismatch"],
            ),
        ],
    },
    Symptom {
        shown: "the icon vanishes without a message",
        words: &["icon disappears", "vanishes", "disappears"],
        suspects: &[suspect(
            "the manifest speaks of another app than the package holds",
            &["bundle-identifier-mismatch"],
        )],
    },
    Symptom {
        shown: "\"Unable to Download App\" or \"could not be installed at this time\"",
        words: &["unable to download", "could not be installed at this time"],
        suspects: &[
            suspect(
                "the profile does not list the device, or has run out",
                &["device-not-in-profile", "profile-expired"],
            ),
            suspect(
                "the signature does not fit",
                &["signer-not-in-profile", "not-signed", "entitlement-not-allowed"],
            ),
            suspect(
                "the app is not for this device or system",
                &["os-too-old", "wrong-device-family", "no-device-architecture", "simulator-build"],
            ),
            suspect(
                "the package does not come, or is none",
                &["package-status", "package-not-a-zip", "package-cut-off", "not-an-archive"],
            ),
            suspect("the device has no room, or the network broke off", &["ranges-not-supported"]),
        ],
    },
    Symptom {
        shown: "\"Unable to Install\": the app's \"integrity could not be verified\"",
        words: &["unable to install", "integrity could not be verified"],
        suspects: &[
            suspect("the profile does not list the device", &["device-not-in-profile"]),
            suspect(
                "profile or certificate has run out or was revoked",
                &["profile-expired", "signer-expired", "signer-revoked"],
            ),
            suspect(
                "the signature claims more than the profile allows",
                &["entitlement-not-allowed", "application-identifier-mismatch"],
            ),
            suspect("it is a build for the App Store", &["app-store-profile"]),
            suspect(
                "something was changed after signing",
                &["sealed-file-changed", "signer-not-in-profile", "not-signed"],
            ),
        ],
    },
    Symptom {
        shown: "the app \"Needs to Be Updated\" by its developer",
        words: &["needs to be updated", "developer of this app needs to update"],
        suspects: &[suspect(
            "the signature is in a form that iOS 15 and later refuse",
            &["signature-too-old", "no-der-entitlements"],
        )],
    },
    Symptom {
        shown: "at launch: \"Untrusted Enterprise Developer\"",
        words: &["untrusted", "enterprise developer", "not trusted"],
        suspects: &[
            suspect(
                "the developer has not been trusted yet: Settings, General, VPN & Device Management",
                &["needs-trust"],
            ),
            suspect("there is no button to trust: the device's management forbids it", &[]),
        ],
    },
    Symptom {
        shown: "at launch: \"Developer Mode Required\"",
        words: &["developer mode"],
        suspects: &[suspect(
            "the app is signed for development: Settings, Privacy & Security, Developer Mode",
            &["needs-developer-mode"],
        )],
    },
    Symptom {
        shown: "at launch: \"Unable to Verify App\" or \"no longer available\"",
        words: &["unable to verify", "no longer available"],
        suspects: &[
            suspect("the device does not reach ppq.apple.com or ocsp.apple.com", &["needs-online-check"]),
            suspect(
                "the certificate was revoked, or the profile has run out",
                &["signer-revoked", "profile-expired"],
            ),
        ],
    },
    Symptom {
        shown: "no button to trust the developer",
        words: &["no trust button", "trust button"],
        suspects: &[suspect(
            "the device's management forbids trusting developers (allowEnterpriseAppTrust)",
            &[],
        )],
    },
];

/// The symptoms in which these words appear, those that have all of them in one piece first.
///
/// ```
/// let shown: Vec<_> = doctor::symptoms::find("cannot connect").iter().map(|symptom| symptom.shown).collect();
/// assert_eq!(shown, ["\"Cannot connect to\" the host"]);
/// assert!(doctor::symptoms::find("nonsense").is_empty());
/// ```
#[must_use]
pub fn find(words: &str) -> Vec<&'static Symptom> {
    let wanted = simple(words);
    if wanted.is_empty() {
        return Vec::new();
    }
    let texts = |symptom: &Symptom| {
        let mut texts = vec![simple(symptom.shown)];
        texts.extend(symptom.words.iter().map(|words| simple(words)));
        texts
    };
    let is_whole = |symptom: &&Symptom| {
        texts(symptom).iter().any(|text| text.contains(&wanted) || wanted.contains(text))
    };
    let whole: Vec<&Symptom> = ALL.iter().filter(is_whole).collect();
    if !whole.is_empty() {
        return whole;
    }
    let parts: Vec<&str> = wanted.split(' ').collect();
    let has_all = |symptom: &&Symptom| {
        let text = texts(symptom).join(" ");
        parts.iter().all(|part| text.split(' ').any(|word| word == *part))
    };
    ALL.iter().filter(has_all).collect()
}

/// Lower case, letters and digits alone, one space between words.
fn simple(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '%');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{ALL, find};

    #[test]
    fn every_suspect_names_rules_that_are_or_will_be() {
        let table = include_str!("../codes.md");
        for name in ALL.iter().flat_map(|symptom| symptom.suspects).flat_map(|suspect| suspect.rules) {
            assert!(table.contains(&format!("| `{name}` |")), "{name} is not in codes.md");
        }
    }

    #[test]
    fn people_find_what_they_saw_by_the_words_they_remember() {
        for (words, expected) in [
            ("Cannot connect to", "\"Cannot connect to\" the host"),
            ("Cannot connect to apps.example.com", "\"Cannot connect to\" the host"),
            (
                "INTEGRITY could not be verified",
                "\"Unable to Install\": the app's \"integrity could not be verified\"",
            ),
            ("Untrusted Enterprise Developer", "at launch: \"Untrusted Enterprise Developer\""),
            ("icon disappears", "the icon vanishes without a message"),
            ("Developer Mode Required", "at launch: \"Developer Mode Required\""),
        ] {
            let found = find(words);
            assert_eq!(found.first().map(|symptom| symptom.shown), Some(expected), "{words}");
        }
    }

    #[test]
    fn what_nobody_saw_is_not_found() {
        for words in ["", "   ", "…", "green elephants"] {
            assert!(find(words).is_empty(), "{words:?}");
        }
    }
}

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Breakage, breakages};
use crate::app::BundleKind;

/// What nobody can see while something else is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    /// What hides: names of findings, or what one breakage is.
    pub behind: &'static [&'static str],
    /// What is hidden: names of findings, what one breakage is, or a station for all that is met there.
    pub hidden: &'static [&'static str],
    /// Why.
    pub why: &'static str,
}

/// All that hides. A bundle's trouble hides what is wrong with the same bundle only, and nothing hides its like.
pub const HIDDEN: &[Hidden] = &[
    Hidden { behind: &["link-inside-link"], hidden: &["no action"], why: "the link inside has one" },
    Hidden {
        behind: &["manifest-url-not-absolute"],
        hidden: &["manifest-url-invalid", "secret-in-query"],
        why: "it is no address yet that has parts",
    },
    Hidden {
        behind: &["manifest-is-html", "manifest-not-a-plist", "text-before-xml", "items-missing"],
        hidden: &[
            "items-missing",
            "no-software-package",
            "kind-not-software",
            "title-missing",
            "bundle-identifier-missing",
            "platform-identifier-wrong",
            "package-url-not-https",
            "package-url-not-absolute",
            "package-url-invalid",
            "placeholder-left",
            "chunk-size-missing",
            "removed-key",
            "several-items",
            "digest-mismatch",
            "bundle-identifier-mismatch",
            "bundle-version-mismatch",
        ],
        why: "there is no item that could say anything",
    },
    Hidden { behind: &["text-before-xml"], hidden: &["an ampersand"], why: "nothing behind it is read" },
    Hidden {
        behind: &["bundle-identifier-mismatch", "build-number-missing"],
        hidden: &["bundle-version-mismatch"],
        why: "there is no build of the same app to compare with",
    },
    Hidden {
        behind: &["no-software-package"],
        hidden: &["plain http for the package", "a name alone", "package-url-invalid", "chunk-size-missing"],
        why: "they are the software package's",
    },
    Hidden {
        behind: &[
            "no-software-package",
            "kind-not-software",
            "title-missing",
            "bundle-identifier-missing",
            "platform-identifier-wrong",
            "package-url-not-absolute",
        ],
        hidden: &["digest-mismatch"],
        why: "a device drops the item, and downloads nothing to compare",
    },
    Hidden {
        behind: &["not-an-archive", "truncated-archive", "archive-damaged"],
        hidden: &[
            "archive",
            "bundle-identifier-mismatch",
            "bundle-version-mismatch",
            "app",
            "signature",
            "profile",
            "device",
        ],
        why: "the archive's directory can't be read, and what is inside is found by it",
    },
    Hidden {
        behind: &["entry-not-listed"],
        hidden: &["gap-between-entries"],
        why: "the gap begins with the entry",
    },
    Hidden {
        behind: &["no-app-in-payload", "several-apps"],
        hidden: &[
            "bundle-identifier-mismatch",
            "bundle-version-mismatch",
            "app",
            "signature",
            "profile",
            "device",
        ],
        why: "which app is meant is not known",
    },
    Hidden {
        behind: &["no-app-in-payload", "several-apps"],
        hidden: &["store-metadata-present"],
        why: "it is looked for beside an app",
    },
    Hidden {
        behind: &["info-plist-missing", "info-plist-unreadable"],
        hidden: &[
            "bundle-identifier-mismatch",
            "bundle-version-mismatch",
            "simulator-build",
            "not-an-ios-app",
            "executable-missing",
            "build-number-missing",
            "encrypted-executable",
            "no-device-architecture",
            "nested-identifier-not-prefixed",
            "an extension of the app's own name",
            "icon-missing",
            "signature",
            "application-identifier-mismatch",
            "entitlement-not-allowed",
            "os-too-old",
            "wrong-device-family",
            "capability-missing",
            "thinned-for-other-models",
        ],
        why: "identifier, platforms and the executable's name stand in it",
    },
    Hidden {
        behind: &["executable-missing"],
        hidden: &["encrypted-executable", "no-device-architecture", "signature", "entitlement-not-allowed"],
        why: "the signature lies in the executable",
    },
    Hidden {
        behind: &["no signature", "signature-unreadable"],
        hidden: &["signature", "entitlement-not-allowed"],
        why: "there is no signature to look into",
    },
    Hidden {
        behind: &["profile-missing", "profile-unreadable"],
        hidden: &["signer-not-in-profile", "team-mismatch", "profile", "device-not-in-profile"],
        why: "they are told by comparing with the profile",
    },
    Hidden {
        behind: &["app-store-profile", "needs-trust"],
        hidden: &["device-not-in-profile"],
        why: "such a profile lists no devices",
    },
];

/// Where a finding is met: where the breakage stands that is named after it.
static STATIONS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    breakages().into_iter().rev().map(|broken| (broken.findings[0], broken.station)).collect()
});

impl Breakage {
    /// The findings it brings that can be seen beside the other.
    pub fn seen_beside(&self, other: &Self) -> impl Iterator<Item = &'static str> {
        self.findings.iter().copied().filter(|finding| !self.is_hidden_by(other, finding))
    }

    fn is_hidden_by(&self, other: &Self, finding: &str) -> bool {
        let is_one_place = match (self.bundle, other.bundle) {
            (_, None) => true,
            // What the manifest says is compared with the app.
            (None, Some(bundle)) => bundle == BundleKind::App,
            (Some(one), Some(bundle)) => one == bundle,
        };
        let is = |names: &[&str], broken: &Self| {
            names.iter().any(|name| broken.what == *name || broken.findings.contains(name))
        };
        is_one_place
            && !other.findings.contains(&finding)
            && HIDDEN.iter().filter(|row| is(row.behind, other)).any(|row| {
                row.hidden
                    .iter()
                    .any(|name| *name == finding || *name == self.what || STATIONS.get(finding) == Some(name))
            })
    }
}

use catalog::Attempt;

/// How far a device has come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Phase {
    ManifestFetched,
    PackageAsked,
    /// At least so many quarters of the package are sent.
    Sending(u64),
    AllSent,
}

impl Phase {
    /// Of an attempt to fetch a package of this size; `None` when it has fetched nothing yet.
    pub(super) fn of(attempt: &Attempt, size_bytes: u64) -> Option<Self> {
        let progress = &attempt.progress;
        let quarters = progress.blocks.sent_bytes(size_bytes) * 4 / size_bytes.max(1);
        if progress.all_sent_at.is_some() {
            Some(Self::AllSent)
        } else if quarters > 0 {
            Some(Self::Sending(quarters))
        } else if progress.package_first_at.is_some() {
            Some(Self::PackageAsked)
        } else {
            progress.manifest_at.map(|_| Self::ManifestFetched)
        }
    }

    /// For `--json`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ManifestFetched => "manifest-fetched",
            Self::PackageAsked => "package-asked",
            Self::Sending(_) => "sending",
            Self::AllSent => "all-sent",
        }
    }

    /// For people; never that the app is installed, which no server can see.
    pub(super) fn sentence(self, sent_bytes: u64, size_bytes: u64) -> String {
        match self {
            Self::ManifestFetched => "fetched the manifest; the phone now asks its owner".to_owned(),
            Self::PackageAsked => "fetches the package".to_owned(),
            Self::Sending(_) => format!("{} of {} sent", pages::size(sent_bytes), pages::size(size_bytes)),
            Self::AllSent => {
                format!("all {} sent; the phone now checks and installs it", pages::size(size_bytes))
            }
        }
    }
}

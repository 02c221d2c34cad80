use catalog::{Build, Provenance};
use distribution::{Distribution, Novelty, Published};
use doctor::{Evidence, Finding};
use serde::{Deserialize, Serialize};

/// What became of an upload, as the API tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PublishedView {
    /// The app.
    pub app: AppView,
    /// The build.
    pub build: BuildView,
    /// The channel it was released on.
    pub channel: ChannelView,
    /// `new-build`, `released-again` or `nothing-new`.
    pub outcome: String,
    /// The page to send people to.
    pub page_url: String,
    /// This build's own page.
    pub build_url: String,
    /// What the doctor found.
    pub findings: Vec<FindingView>,
    /// What the server found wrong when it last examined its own address: errors and warnings, none about the build.
    #[serde(default)]
    pub server_findings: Vec<FindingView>,
}

/// An app, as the API tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AppView {
    /// Its id.
    pub id: String,
    /// `CFBundleIdentifier`.
    pub bundle_id: String,
    /// What people call it.
    pub name: String,
}

/// A build, as the API tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct BuildView {
    /// Its id.
    pub id: String,
    /// `CFBundleShortVersionString`.
    pub version: String,
    /// `CFBundleVersion`.
    pub build_number: String,
    /// The package's SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// The package's size.
    pub size_bytes: u64,
    /// Where it comes from, as its publisher said.
    pub provenance: ProvenanceView,
}

/// Where a build comes from, as the API tells it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ProvenanceView {
    /// The commit it was made from.
    pub commit: Option<String>,
    /// The branch that commit was on.
    pub branch: Option<String>,
    /// The pull request it was made for.
    pub pull_request: Option<String>,
    /// The address of the CI run that made it.
    pub ci_url: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// A channel, as the API tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ChannelView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its address.
    pub slug: String,
}

/// A finding, as the API tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FindingView {
    /// Such as `PRF004`.
    pub code: String,
    /// Such as `profile-expired`.
    pub name: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// How sure it is of what devices do: `documented`, `known`, `observed` or `assumed`.
    pub evidence_kind: String,
    /// The bundle at fault.
    pub bundle: Option<String>,
    /// Where on the road a device meets it; the word of `airstair doctor --json`.
    #[serde(default)]
    pub station: String,
    /// What is wrong.
    pub message: String,
    /// Where to see it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// What the person with the device sees.
    pub device_shows: String,
    /// What to do.
    pub fix: String,
    /// The page that says what it means.
    #[serde(default)]
    pub help_url: String,
    /// Whether the publisher let it pass.
    pub allowed: bool,
    /// Whether it is what keeps the app from being installed.
    #[serde(default)]
    pub first_cause: bool,
}

impl PublishedView {
    pub(crate) fn new(distribution: &Distribution, published: &Published) -> Self {
        let Published { app, build, channel, novelty, .. } = published;
        let outcome = match novelty {
            Novelty::NewBuild => "new-build",
            Novelty::ReleasedAgain => "released-again",
            Novelty::NothingNew => "nothing-new",
        };
        let view = |finding: &Finding| {
            let is_allowed = build.allowed.iter().any(|allowed| allowed.code == finding.code);
            FindingView::new(distribution, finding, is_allowed)
        };
        let check = distribution.last_self_check();
        Self {
            app: AppView {
                id: app.id.to_string(),
                bundle_id: app.bundle_id.to_string(),
                name: app.name.to_string(),
            },
            build: BuildView::from(build),
            channel: ChannelView {
                id: channel.id.to_string(),
                name: channel.name.to_string(),
                slug: channel.slug.to_string(),
            },
            outcome: outcome.to_owned(),
            page_url: distribution.page_url(channel).to_string(),
            build_url: distribution.build_url(channel, build).to_string(),
            findings: build.findings.iter().map(view).collect(),
            server_findings: check
                .iter()
                .flat_map(|check| &check.findings)
                .map(|finding| FindingView::new(distribution, finding, false))
                .collect(),
        }
    }
}

impl From<&Build> for BuildView {
    fn from(build: &Build) -> Self {
        Self {
            id: build.id.to_string(),
            version: build.version.to_string(),
            build_number: build.build_number.to_string(),
            sha256: build.package.sha256.to_string(),
            size_bytes: build.package.size_bytes,
            provenance: ProvenanceView::from(&build.provenance),
        }
    }
}

impl From<&Provenance> for ProvenanceView {
    fn from(provenance: &Provenance) -> Self {
        let Provenance { commit, branch, pull_request, ci_url, tags } = provenance.clone();
        Self { commit, branch, pull_request, ci_url, tags }
    }
}

impl FindingView {
    pub(crate) fn new(distribution: &Distribution, finding: &Finding, allowed: bool) -> Self {
        Self {
            help_url: distribution.help_url(finding).to_string(),
            code: finding.code.clone(),
            name: finding.name.clone(),
            severity: finding.severity.to_string(),
            evidence_kind: finding.evidence_kind.as_str().to_owned(),
            bundle: finding.bundle.clone(),
            station: finding.station.to_string(),
            message: finding.message.clone(),
            evidence: finding.evidence.clone(),
            device_shows: finding.device_shows.clone(),
            fix: finding.fix.clone(),
            allowed,
            first_cause: finding.first_cause,
        }
    }
}

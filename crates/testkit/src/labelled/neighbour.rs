use super::PackageFor;

/// A target whose diagnosis is known: mostly one that is clean although it looks like one that isn't.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// What it is, to be printed when a test fails.
    pub what: &'static str,
    /// What is to be judged.
    pub target: Target,
    /// The names of the findings, the cause first; none for a clean one.
    pub findings: &'static [&'static str],
    /// The name of the one that keeps the app from being installed, if any does.
    pub cause: Option<&'static str>,
}

/// What is to be judged.
#[derive(Clone, Debug)]
pub enum Target {
    /// An install link, as a device gets it.
    Link(&'static str),
    /// A manifest of the app `com.example.notes`, build 1, which leads to a sound package.
    Manifest(Vec<u8>),
    /// A package, by itself.
    Package(PackageFor),
}

impl Neighbour {
    pub(super) fn clean(what: &'static str, target: impl Into<Target>) -> Self {
        Self { what, target: target.into(), findings: &[], cause: None }
    }

    /// With these errors, of which the first is the cause.
    pub(super) fn error(
        findings: &'static [&'static str],
        what: &'static str,
        target: impl Into<Target>,
    ) -> Self {
        Self { what, target: target.into(), findings, cause: findings.first().copied() }
    }
}

impl From<&'static str> for Target {
    fn from(link: &'static str) -> Self {
        Self::Link(link)
    }
}

impl From<super::Manifest> for Target {
    fn from(manifest: super::Manifest) -> Self {
        Self::Manifest(manifest.build())
    }
}

impl From<PackageFor> for Target {
    fn from(package: PackageFor) -> Self {
        Self::Package(package)
    }
}

impl From<crate::app::AppPackage> for Target {
    fn from(package: crate::app::AppPackage) -> Self {
        PackageFor::anybody(package.build()).into()
    }
}

impl From<crate::zip::Archive> for Target {
    fn from(archive: crate::zip::Archive) -> Self {
        PackageFor::anybody(archive.build()).into()
    }
}

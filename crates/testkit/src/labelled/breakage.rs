use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{APP, Link, Manifest};
use crate::app::{AppPackage, Bundle, BundleKind};
use crate::zip::Archive;

/// One thing that is wrong on a road, and what a doctor says of it.
#[derive(Clone, Copy, Debug)]
pub struct Breakage {
    /// What it is, to be printed when a test fails.
    pub what: &'static str,
    /// The names of the findings it brings.
    pub findings: &'static [&'static str],
    /// The name of the one that keeps the app from being installed, if any does.
    pub cause: Option<&'static str>,
    /// Where on the road a device meets it: `link`, `manifest`, `package-fetch`, `archive`, `app`, `signature`,
    /// `profile`, `device`.
    pub station: &'static str,
    /// The bundle it lies in, if it lies in one.
    pub bundle: Option<BundleKind>,
    /// What it changes, as paths: two breakages of one place can't be had together.
    places: &'static [&'static str],
    change: Change,
    /// Whether it is as wrong in a watch app.
    is_of_watches: bool,
}

/// A change to a sound target, at the layer where it is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Link(fn(Link) -> Link),
    Manifest(fn(Manifest) -> Manifest),
    ManifestBytes(fn(Vec<u8>) -> Vec<u8>),
    /// Of any bundle: the app's own, or one inside it.
    Bundle(fn(Bundle) -> Bundle),
    App(fn(AppPackage) -> AppPackage),
    Archive(fn(Archive) -> Archive),
    Bytes(fn(Vec<u8>) -> Vec<u8>),
}

/// The part of the road that a breakage changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// The install link.
    Link,
    /// The manifest.
    Manifest,
    /// The package.
    Package,
}

impl Breakage {
    /// What keeps the app from being installed; the first name is the cause.
    pub(super) fn error(
        findings: &'static [&'static str],
        what: &'static str,
        places: &'static [&'static str],
        change: Change,
    ) -> Self {
        Self { cause: findings.first().copied(), ..Self::remark(findings, what, places, change) }
    }

    /// What is worth a warning or a note.
    pub(super) fn remark(
        findings: &'static [&'static str],
        what: &'static str,
        places: &'static [&'static str],
        change: Change,
    ) -> Self {
        let bundle = matches!(change, Change::Bundle(_) | Change::App(_)).then_some(BundleKind::App);
        Self { what, findings, cause: None, station: "", bundle, places, change, is_of_watches: true }
    }

    /// What is changed in the archive is a file of the app's own bundle.
    pub(super) fn in_the_app(self) -> Self {
        Self { bundle: Some(BundleKind::App), ..self }
    }

    /// What is changed is the same for the app and all inside it.
    pub(super) fn of_all_bundles(self) -> Self {
        Self { bundle: None, ..self }
    }

    /// What keeps an app from a phone, and a watch app from nothing.
    pub(super) fn not_in_a_watch_app(self) -> Self {
        Self { is_of_watches: false, ..self }
    }

    pub(super) fn at(self, station: &'static str) -> Self {
        Self { station, ..self }
    }

    /// The same in a bundle of this kind inside the app, where it can be there as well.
    #[must_use]
    pub fn inside(self, kind: BundleKind) -> Option<Self> {
        let can_be = self.is_of_watches || kind != BundleKind::WatchApp;
        (can_be && matches!(self.change, Change::Bundle(_))).then_some(Self { bundle: Some(kind), ..self })
    }

    /// The part of the road that it changes.
    #[must_use]
    pub fn layer(&self) -> Layer {
        match self.change {
            Change::Link(_) => Layer::Link,
            Change::Manifest(_) | Change::ManifestBytes(_) => Layer::Manifest,
            Change::Bundle(_) | Change::App(_) | Change::Archive(_) | Change::Bytes(_) => Layer::Package,
        }
    }

    /// Whether both change the same place, so that one would undo the other.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let is_within = |inner: &str, outer: &str| {
            outer.is_empty()
                || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let meets =
            |one: &&str| other.places.iter().any(|place| is_within(one, place) || is_within(place, one));
        let is_one_bundle = self.bundle == other.bundle || self.bundle.is_none() || other.bundle.is_none();
        self.layer() == other.layer() && is_one_bundle && self.places.iter().any(meets)
    }
}

/// A link, a manifest and a package that belong together: sound, but for what is broken.
///
/// The app is `com.example.notes`, build 1; it is sound at [`AppPackage::NOW`] on
/// [`PackageFor::phone`](super::PackageFor::phone).
#[derive(Clone, Debug, Default)]
pub struct Road {
    broken: Vec<Breakage>,
}

impl Road {
    /// A road with all of these.
    #[must_use]
    pub fn with(breakages: &[&Breakage]) -> Self {
        Self { broken: breakages.iter().map(|broken| **broken).collect() }
    }

    /// The link.
    #[must_use]
    pub fn link(&self) -> String {
        let changed = self.broken.iter().fold(Link::default(), |link, broken| match broken.change {
            Change::Link(change) => change(link),
            _ => link,
        });
        changed.build()
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> Vec<u8> {
        let changed = self.broken.iter().fold(Manifest::default(), |manifest, broken| match broken.change {
            Change::Manifest(change) => change(manifest),
            _ => manifest,
        });
        self.broken.iter().fold(changed.build(), |bytes, broken| match broken.change {
            Change::ManifestBytes(change) => change(bytes),
            _ => bytes,
        })
    }

    /// The package. Bundles that something is wrong with are in it; else the app has none inside.
    #[must_use]
    pub fn package(&self) -> Vec<u8> {
        let archive = self.broken.iter().fold(self.archive(), |archive, broken| match broken.change {
            Change::Archive(change) => change(archive),
            _ => archive,
        });
        self.broken.iter().fold(archive.build(), |bytes, broken| match broken.change {
            Change::Bytes(change) => change(bytes),
            _ => bytes,
        })
    }

    /// The archive before anything of itself is changed. Signing costs more than all else, and many roads differ in
    /// their archive alone: each that has at most one thing wrong inside is kept.
    fn archive(&self) -> Archive {
        static MADE: Mutex<BTreeMap<String, Archive>> = Mutex::new(BTreeMap::new());
        let within =
            self.broken.iter().filter(|broken| matches!(broken.change, Change::App(_) | Change::Bundle(_)));
        let within: Vec<String> =
            within.map(|broken| format!("{} {:?}", broken.what, broken.bundle)).collect();
        if within.len() > 1 {
            return self.app().archive();
        }
        let mut made = MADE.lock().expect("what holds it makes packages that can be made");
        made.entry(within.concat()).or_insert_with(|| self.app().archive()).clone()
    }

    fn app(&self) -> AppPackage {
        let app = self.broken.iter().fold(AppPackage::new(APP), |app, broken| match broken.change {
            Change::Bundle(change) if broken.bundle == Some(BundleKind::App) => app.bundle(change),
            Change::App(change) => change(app),
            _ => app,
        });
        let inside = [(BundleKind::Extension, "share"), (BundleKind::WatchApp, "watch")];
        inside.into_iter().filter_map(|(kind, name)| self.nested(kind, name)).fold(app, AppPackage::nested)
    }

    fn nested(&self, kind: BundleKind, name: &str) -> Option<Bundle> {
        self.broken.iter().fold(None, |bundle, broken| match broken.change {
            Change::Bundle(change) if broken.bundle == Some(kind) => {
                Some(change(bundle.unwrap_or_else(|| Bundle::new(kind, &format!("{APP}.{name}"), name))))
            }
            _ => bundle,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::labelled::breakages;

    #[test]
    fn every_breakage_is_called_something_else() {
        let all = breakages();
        let names: BTreeSet<&str> = all.iter().map(|broken| broken.what).collect();
        assert_eq!(names.len(), all.len());
    }
}

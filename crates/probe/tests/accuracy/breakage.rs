//! One thing that is wrong with a live road, and what a doctor should say of it.

use doctor::Station;
use ipa::Depth;
use testkit::labelled;

use crate::hidden;
use crate::road::Road;

/// Something that is wrong, stated without the doctor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breakage {
    /// What it is, to be printed when a test fails.
    pub(crate) what: &'static str,
    /// The names of the findings it brings.
    pub(crate) findings: &'static [&'static str],
    /// The name of the one that keeps the app from being installed, if any does.
    pub(crate) cause: Option<&'static str>,
    /// Where on the road it lies.
    pub(crate) place: Place,
    /// What can't be seen for it.
    pub(crate) hides: Hides,
    /// What it changes, as paths: two breakages of one part can't be had together.
    parts: &'static [&'static str],
    change: Change,
    pub(crate) cost: Cost,
}

/// The places of a road, in the order in which a device passes them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Place {
    /// The connection to the page's host.
    PageHost,
    /// The page's answer.
    PageAnswer,
    /// Where the page has the link.
    Page,
    /// The connection to the manifest's host.
    ManifestHost,
    /// The certificate of the manifest's host, and TLS with it.
    ManifestTls,
    /// The manifest's answer.
    ManifestAnswer,
    /// What the manifest says.
    Manifest,
    /// The connection to the icon's host.
    IconHost,
    /// The icon's answer.
    IconAnswer,
    /// The connection to the package's host, and TLS with it.
    PackageHost,
    /// The package's answers.
    PackageAnswer,
    /// The package, up to the device that it is for.
    Package(Station),
}

impl Place {
    /// Where a device is then.
    pub(crate) fn station(self) -> Station {
        match self {
            Self::PageHost | Self::PageAnswer | Self::Page => Station::Page,
            Self::ManifestHost => Station::Network,
            Self::ManifestTls => Station::Tls,
            Self::ManifestAnswer => Station::ManifestFetch,
            Self::Manifest | Self::IconHost | Self::IconAnswer => Station::Manifest,
            Self::PackageHost | Self::PackageAnswer => Station::PackageFetch,
            Self::Package(station) => station,
        }
    }
}

/// What can't be seen while something is wrong.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Hides {
    /// Nothing.
    Nothing,
    /// All that lies behind it: there is no way on.
    Road,
    /// What the manifest says, and its icons: the installer does not get it. A browser does, and so the way to the
    /// package is known.
    Manifest,
    /// What is in the package: it can't be read in parts. That it is downloaded is asked for on roads where what is at
    /// fault is not seen in parts.
    Package,
}

/// What a walk costs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Cost {
    /// A few requests.
    Small,
    /// Many of them, or many bytes.
    Large,
    /// It has to wait for something that does not come.
    Waiting,
}

/// A change to a sound road.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Of what is served, and how.
    Served(fn(&mut Road)),
    /// Of the files that are served.
    File(labelled::Breakage),
}

impl Breakage {
    /// What keeps the app from being installed; the first name is the cause.
    pub(crate) const fn error(
        findings: &'static [&'static str],
        what: &'static str,
        parts: &'static [&'static str],
        change: fn(&mut Road),
    ) -> Self {
        let cause = Some(findings[0]);
        Self { cause, ..Self::remark(findings, what, parts, change) }
    }

    /// What is worth a warning or a note, or keeps the doctor from telling.
    pub(crate) const fn remark(
        findings: &'static [&'static str],
        what: &'static str,
        parts: &'static [&'static str],
        change: fn(&mut Road),
    ) -> Self {
        Self {
            what,
            findings,
            cause: None,
            place: Place::Page,
            hides: Hides::Nothing,
            parts,
            change: Change::Served(change),
            cost: Cost::Small,
        }
    }

    /// A breakage of a file that is told from afar as it is on a disk.
    pub(crate) fn of_file(broken: labelled::Breakage) -> Self {
        let place = match broken.layer() {
            labelled::Layer::Link => Place::Page,
            labelled::Layer::Manifest if broken.station == "manifest" => Place::Manifest,
            _ => Place::Package(station(broken.station)),
        };
        let parts: &[&str] = match broken.layer() {
            labelled::Layer::Manifest => &["document"],
            labelled::Layer::Link | labelled::Layer::Package => &[],
        };
        // What is no property list names no icon and no package.
        let says_nothing =
            broken.layer() == labelled::Layer::Manifest && broken.findings[0].starts_with("manifest-");
        Self {
            what: broken.what,
            findings: broken.findings,
            cause: broken.cause,
            place,
            hides: if says_nothing { Hides::Road } else { Hides::Nothing },
            parts,
            change: Change::File(broken),
            cost: Cost::Small,
        }
    }

    pub(crate) const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// Nothing behind it can be seen.
    pub(crate) const fn ending_the_road(self) -> Self {
        self.hiding(Hides::Road)
    }

    pub(crate) const fn hiding(self, hides: Hides) -> Self {
        Self { hides, ..self }
    }

    pub(crate) const fn costing(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    pub(crate) fn is_of_file(&self) -> bool {
        matches!(self.change, Change::File(_))
    }

    /// Whether both change the same part, so that one would undo the other.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        if let (Change::File(one), Change::File(other)) = (self.change, other.change) {
            return one.excludes(&other);
        }
        let is_within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let meets = |one: &&str| other.parts.iter().any(|part| is_within(one, part) || is_within(part, one));
        self.parts.iter().any(meets)
    }

    /// Whether its findings can be seen while the other is there as well.
    pub(crate) fn is_seen_beside(&self, other: &Self) -> bool {
        let is_of_icon = |place: Place| matches!(place, Place::IconHost | Place::IconAnswer);
        let is_of_manifest = match self.change {
            Change::File(broken) => broken.layer() == labelled::Layer::Manifest,
            Change::Served(_) => false,
        };
        if hidden::is_behind(self.what, other.what) {
            return false;
        }
        match other.hides {
            Hides::Nothing => true,
            // The road forks at the manifest: the icon lies on no way to the package.
            Hides::Road if is_of_icon(other.place) => !(is_of_icon(self.place) && self.place > other.place),
            Hides::Road => self.place <= other.place && !is_of_manifest || self.place < other.place,
            Hides::Manifest => !is_of_icon(self.place) && !is_of_manifest && self.place != Place::Manifest,
            Hides::Package => self.place != Place::Package(Station::Archive),
        }
    }
}

fn station(word: &str) -> Station {
    *Station::ALL.iter().find(|station| station.as_str() == word).expect("it is a station")
}

/// A road with all of these.
pub(crate) fn road_with(breakages: &[&Breakage]) -> Road {
    let files: Vec<&labelled::Breakage> = breakages
        .iter()
        .filter_map(|broken| match &broken.change {
            Change::File(broken) => Some(broken),
            Change::Served(_) => None,
        })
        .collect();
    let mut road = Road::of(&labelled::Road::with(&files));
    if files.iter().any(|broken| broken.station != "archive") {
        // Executables, and so signatures, are read from afar only where that is asked for.
        road.depth = Depth::Deep;
    }
    for broken in breakages {
        if let Change::Served(change) = broken.change {
            change(&mut road);
        }
    }
    road
}

//! What is measured of a target before it is judged.

use std::sync::LazyLock;

use doctor::{Device, Facts, ManifestFacts, Report, judge};
use ipa::{Archive, Depth, Examined, Fact, Inspection, Limits, Udid};
use itms_services::bounded_plist;
use itms_services::{DigestComparison, InstallLink, LinkReading, ManifestDocument};
use signed_data::{Authorities, Certificate};
use testkit::app::AppPackage;
use testkit::labelled::{Layer, PackageFor, Road};

/// Knows the root that packages of tests are signed below.
static INSPECTION: LazyLock<Inspection> = LazyLock::new(|| {
    let root = Certificate::read(&AppPackage::root(), &Limits::default().cms).expect("it is a certificate");
    Inspection::new(Depth::Signatures).authorities(Authorities::new(vec![root], Vec::new()))
});

/// A manifest, read.
pub(crate) struct ReadManifest {
    bytes: Vec<u8>,
    document: Result<ManifestDocument, itms_services::Error>,
}

pub(crate) fn manifest(bytes: Vec<u8>) -> ReadManifest {
    let document = ManifestDocument::read(&bytes, &bounded_plist::Limits::default());
    ReadManifest { bytes, document }
}

/// All that can be told of a package, its code signatures included.
fn examined(bytes: &[u8]) -> Examined {
    let limits = Limits::default();
    let examined = match Archive::open(&bytes, &limits) {
        Ok(archive) => Examined::watched(&archive, &limits, &INSPECTION, &mut |_| {}),
        Err(error) => Examined::of_unopened(&bytes, error, &limits),
    };
    examined.expect("bytes can be read")
}

pub(crate) fn device(target: &PackageFor) -> Device {
    Device {
        udid: target.udid.map(|udid| Udid::parse(udid).expect("it is an id")),
        model: target.model.map(str::to_owned),
        os: target.ios.map(|version| version.parse().expect("it is a version")),
    }
}

/// One layer of a road, measured.
pub(crate) enum Part {
    Link(LinkReading),
    Manifest(ReadManifest),
    Package { bytes: Vec<u8>, examined: Box<Examined> },
}

impl Part {
    pub(crate) fn of(road: &Road, layer: Layer) -> Self {
        match layer {
            Layer::Link => Self::Link(InstallLink::parse(&road.link())),
            Layer::Manifest => Self::Manifest(manifest(road.manifest())),
            Layer::Package => Self::package(road.package()),
        }
    }

    pub(crate) fn package(bytes: Vec<u8>) -> Self {
        let examined = Box::new(examined(&bytes));
        Self::Package { bytes, examined }
    }
}

/// Judges a road of these parts for this device. Of two parts of one layer the first counts.
pub(crate) fn judged(parts: &[&Part], device: &Device) -> Report {
    let mut facts = Facts::at(AppPackage::NOW);
    facts.device = device.clone();
    let mut package: &[u8] = &[];
    for part in parts.iter().rev() {
        match part {
            Part::Link(link) => facts.link = Fact::Known(link),
            Part::Manifest(ReadManifest { bytes, document }) => {
                facts.manifest = Fact::Known(ManifestFacts { bytes, document, digests: Fact::Absent });
            }
            Part::Package { bytes, examined } => {
                facts.package = Fact::Known(examined);
                package = bytes;
            }
        }
    }
    let comparison = facts.package_asset().and_then(|asset| DigestComparison::new(&asset.digest_check));
    if let (Some(mut comparison), Fact::Known(manifest)) = (comparison, &mut facts.manifest) {
        comparison.update(package);
        manifest.digests = Fact::Known(comparison.finish());
    }
    judge(&facts)
}

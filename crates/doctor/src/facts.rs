mod fetch;
mod host;
mod icon;
mod page;
mod revocation;

use std::sync::Arc;

use ipa::{BundleId, Examined, Fact, OsVersion, Udid};
use itms_services::{AssetKind, DigestDifference, LinkReading, ManifestDocument, TakenAsset};
use signed_data::Certificate;
use time::UtcDateTime;

use crate::{Demands, Station};

pub use self::fetch::{
    Answer, Body, BodyEnd, Fetch, Fetched, Hop, NoAnswer, PackageFetch, RangeFetch, RedirectStopped,
};
pub use self::host::{Anchor, Connected, HandshakeFailure, Host, Tls, TlsVersion, Unreached};
pub use self::icon::Icon;
pub use self::page::{PageFacts, PageLink};
pub use self::revocation::{Revocations, Standing};

/// Everything that was measured: the doctor's only input.
///
/// Each part of the road is a fact of its own. [`Fact::Absent`] says that the road that was asked about has no such
/// part, as a package on disk has no link; [`Fact::NotMeasured`] that it has one nobody looked at, so that what would
/// be judged there is skipped.
///
/// ```
/// use doctor::{Facts, Verdict, judge};
/// use itms_services::InstallLink;
/// use time::macros::utc_datetime;
///
/// let link = InstallLink::parse("itms-services://?action=download-manifest&url=http://apps.example/m.plist");
/// let mut facts = Facts::at(utc_datetime!(2026-06-01 12:00));
/// facts.link = ipa::Fact::Known(&link);
///
/// let report = judge(&facts);
/// assert_eq!(report.verdict, Verdict::Fails);
/// assert_eq!(report.first_cause().map(|finding| &*finding.name), Some("manifest-url-not-https"));
/// ```
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The moment to judge at.
    pub now: UtcDateTime,
    /// The device to judge for, as far as it is known.
    pub device: Device,
    /// Whether addresses of this computer and of private networks are where the road is meant to lead: it is tried on a
    /// bench, or within such a network.
    pub may_be_private: bool,
    /// Roots that the caller trusts besides the public ones: `--ca`.
    pub given_roots: &'a [Certificate],
    /// The page that somebody opens.
    pub page: Fact<PageFacts<'a>>,
    /// The install link.
    pub link: Fact<&'a LinkReading>,
    /// The requests for the manifest and their answers.
    pub manifest_fetch: Fact<&'a Fetched>,
    /// The icons that the manifest names, as they were fetched.
    pub icons: Fact<&'a [Icon]>,
    /// The requests for the package and their answers.
    pub package_fetch: Fact<&'a PackageFetch>,
    /// What authorities say of certificates; absent where they were not to be asked.
    pub revocations: Fact<&'a Revocations>,
    /// The manifest.
    pub manifest: Fact<ManifestFacts<'a>>,
    /// The package, or why it is none.
    pub package: Fact<&'a Examined>,
    /// Whether only parts of the package were fetched, as a few requests give them: the rest is told when it is asked for.
    pub package_is_in_parts: bool,
    /// What the app demands, where that was kept and the package is not at hand. Beside a package it is not looked at.
    pub demands: Fact<Demands>,
}

/// A manifest as it came: its bytes, what they say, and whether that is true of the package.
#[derive(Clone, Debug)]
pub struct ManifestFacts<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// What they say, or why they say nothing.
    pub document: &'a Result<ManifestDocument, itms_services::Error>,
    /// Where the package is another than the digests of [`Facts::package_asset`] are of, if anywhere; absent where the
    /// two were not compared.
    pub digests: Fact<Option<DigestDifference>>,
}

/// The device to judge for. What is not known of it is not judged.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Device {
    /// Its id.
    pub udid: Option<Udid>,
    /// Its model: `iPhone15,2`.
    pub model: Option<String>,
    /// Its system's version.
    pub os: Option<OsVersion>,
}

impl Facts<'_> {
    /// Nothing measured, to be judged at this moment.
    #[must_use]
    pub fn at(now: UtcDateTime) -> Self {
        Self {
            now,
            device: Device::default(),
            may_be_private: false,
            given_roots: &[],
            page: Fact::Absent,
            link: Fact::Absent,
            manifest_fetch: Fact::Absent,
            icons: Fact::Absent,
            package_fetch: Fact::Absent,
            revocations: Fact::Absent,
            manifest: Fact::Absent,
            package: Fact::Absent,
            package_is_in_parts: false,
            demands: Fact::Absent,
        }
    }

    /// An app of which only this was kept, for a device.
    #[must_use]
    pub fn of_demands(now: UtcDateTime, demands: Demands, device: Device) -> Self {
        Self { device, demands: Fact::Known(demands), ..Self::at(now) }
    }
}

impl<'a> Facts<'a> {
    /// Each host on the road once, and where a device meets it first: the manifest's before the package's, and then
    /// those of the page alone.
    pub(crate) fn hosts(&self) -> Vec<(Station, &'a Arc<Host>)> {
        let mut hosts: Vec<(Station, &Arc<Host>)> = Vec::new();
        for (station, host) in self.hops().map(|(station, hop)| (station, &hop.host)) {
            if !hosts.iter().any(|(_, known)| known.is_same_place(host)) {
                hosts.push((station, host));
            }
        }
        hosts
    }

    /// Each address that was asked for manifest, package and page, in this order, and where a device meets its host.
    pub(crate) fn hops(&self) -> impl Iterator<Item = (Station, &'a Hop)> + use<'a> {
        let manifest = self.manifest_fetch.known().map(|fetched| (Station::Network, &fetched.by_installer));
        let package = self.package_fetch.known().map(|fetched| {
            [&fetched.get.by_installer, &fetched.head].map(|fetch| (Station::PackageFetch, fetch))
        });
        let page = self.page.known().map(|page| (Station::Page, page.fetch));
        let fetches = manifest.into_iter().chain(package.into_iter().flatten()).chain(page);
        fetches.flat_map(|(station, fetch)| fetch.hops.iter().map(move |hop| (station, hop)))
    }

    /// What a device would take from the manifest as the package: of the item that names the app in the package, or of
    /// the only item there is.
    #[must_use]
    pub fn package_asset(&self) -> Option<TakenAsset<'a>> {
        let (Fact::Known(manifest), Fact::Known(examined)) = (&self.manifest, &self.package) else {
            return None;
        };
        let view = manifest.document.as_ref().ok()?.device_view(self.device.model.as_deref());
        let info = examined.package.as_ref().ok().and_then(|package| package.app.info.known());
        let bundle_id = info.and_then(|info| info.bundle_id.known()).map(BundleId::as_str);
        let named = view.offered().find(|app| Some(app.bundle_identifier) == bundle_id);
        let mut others = view.offered();
        let only = others.next().filter(|_| others.next().is_none());
        named.or(only)?.asset(AssetKind::SoftwarePackage).cloned()
    }

    /// A package and nothing else, as it lies on a disk or arrives at a server.
    #[must_use]
    pub fn of_package(now: UtcDateTime, package: &'a Examined) -> Self {
        Self { package: Fact::Known(package), ..Facts::at(now) }
    }
}

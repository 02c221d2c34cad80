use doctor::{Device, Facts, Fetch, Fetched, Icon, ManifestFacts, PageFacts, PageLink};
use ipa::Fact;
use itms_services::{LinkPlace, LinkReading, ManifestDocument};
use signed_data::Certificate;
use time::UtcDateTime;

use crate::Traffic;
use crate::package::WalkedPackage;

/// All that a walk found, to be judged road by road.
#[derive(Debug)]
pub struct Walk {
    pub(crate) page: Option<WalkedPage>,
    /// Each install link of the page with what follows it, or the one road there is.
    pub roads: Vec<WalkedRoad>,
    pub(crate) may_be_private: bool,
    pub(crate) given_roots: Vec<Certificate>,
    pub(crate) is_deep: bool,
}

#[derive(Debug)]
pub(crate) struct WalkedPage {
    pub(crate) fetch: Fetch,
    pub(crate) has_partial_link: bool,
    pub(crate) unread_scripts: usize,
}

/// One road: a link, a manifest, a package, as far as each is there.
#[derive(Debug, Default)]
pub struct WalkedRoad {
    pub(crate) link: Option<RoadLink>,
    pub(crate) manifest: Option<WalkedManifest>,
    pub(crate) package: Option<WalkedPackage>,
}

#[derive(Debug)]
pub(crate) struct RoadLink {
    pub(crate) reading: LinkReading,
    /// Where the page has it; `None` where the link itself was given.
    pub(crate) place: Option<PlaceOnPage>,
}

#[derive(Debug)]
pub(crate) enum PlaceOnPage {
    At { place: LinkPlace, line: usize, frame: Option<String> },
    Redirect,
}

#[derive(Debug)]
pub(crate) struct WalkedManifest {
    pub(crate) fetch: Fetched,
    pub(crate) document: Option<Result<ManifestDocument, itms_services::Error>>,
    pub(crate) icons: Vec<Icon>,
}

impl Walk {
    /// What was measured of a road, to be judged at `now` for `device`.
    #[must_use]
    pub fn facts<'a>(&'a self, road: &'a WalkedRoad, now: UtcDateTime, device: Device) -> Facts<'a> {
        let mut facts = Facts::at(now);
        facts.device = device;
        facts.may_be_private = self.may_be_private;
        facts.given_roots = &self.given_roots;
        if let Some(page) = &self.page {
            facts.page = Fact::Known(PageFacts { fetch: &page.fetch, link: page.link(road.link.as_ref()) });
        }
        let begins_at_link = self.page.is_some() || road.link.is_some();
        facts.link = match &road.link {
            Some(link) => Fact::Known(&link.reading),
            None => missing(begins_at_link, "no install link was found"),
        };
        if let Some(manifest) = &road.manifest {
            manifest.add_to(&mut facts);
        } else {
            let reason = "no manifest's address is known";
            facts.manifest_fetch = missing(begins_at_link, reason);
            facts.manifest = missing(begins_at_link, reason);
            facts.icons = missing(begins_at_link, reason);
        }
        if let Some(package) = &road.package {
            facts.package_fetch = Fact::Known(&package.fetch);
            facts.package = package.examined.as_ref();
            facts.package_is_in_parts = !self.is_deep;
            if let Fact::Known(manifest) = &mut facts.manifest {
                manifest.digests = package.digests.clone();
            }
        } else {
            let reason = "no package's address is known";
            facts.package_fetch = missing(true, reason);
            facts.package = missing(true, reason);
        }
        facts
    }
}

impl WalkedPage {
    fn link<'a>(&self, link: Option<&'a RoadLink>) -> PageLink<'a> {
        match link.and_then(|link| link.place.as_ref()) {
            Some(PlaceOnPage::Redirect) => PageLink::Redirect,
            Some(PlaceOnPage::At { place, line, frame }) => {
                PageLink::Found { place, line: *line, frame: frame.as_deref() }
            }
            None if self.has_partial_link => PageLink::Partial,
            None => PageLink::None { unread_scripts: self.unread_scripts },
        }
    }
}

impl WalkedManifest {
    fn add_to<'a>(&'a self, facts: &mut Facts<'a>) {
        facts.manifest_fetch = Fact::Known(&self.fetch);
        facts.manifest = match (&self.document, self.fetch.by_installer.success()) {
            (Some(document), Some(answer)) => {
                Fact::Known(ManifestFacts { bytes: &answer.body.bytes, document, digests: Fact::Absent })
            }
            _ => Fact::NotMeasured("the manifest was not obtained".to_owned()),
        };
        facts.icons = match &self.document {
            Some(Ok(_)) => Fact::Known(&self.icons),
            _ => Fact::NotMeasured("the manifest was not obtained".to_owned()),
        };
    }
}

impl WalkedRoad {
    /// What the package has cost, and how long it is; nothing where none could be looked into.
    #[must_use]
    pub fn package_read(&self) -> Option<(Traffic, u64)> {
        let package = self.package.as_ref()?;
        Some((package.traffic, package.examined.known()?.size_bytes))
    }
}

/// What a road lacks: something that should be there, or a stretch that it does not have.
fn missing<T>(is_expected: bool, reason: &str) -> Fact<T> {
    if is_expected { Fact::NotMeasured(reason.to_owned()) } else { Fact::Absent }
}

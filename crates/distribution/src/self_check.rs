use std::sync::{Arc, PoisonError, RwLock};

use catalog::{PageSize, ReleasedBuild, SelfCheck, StoreError, Timestamp};
use doctor::Finding;
use itms_services::InstallLink;
use url::Url;

use crate::Distribution;
use crate::administration::Administration;
use crate::device::DeviceFile;
use crate::page::link_to;
use crate::ticket::Ticket;

/// How many of the newest releases are looked at for one that can be installed.
const CANDIDATES: usize = 20;

/// So many characters of a secret at its beginning are recognised as its own.
const TELLING_CHARS: usize = 12;

/// A road of this server's own, to be walked from its public address as a device would.
#[derive(Clone, Debug)]
pub struct OwnRoad {
    /// The page of a build that can be installed; `None` where there is no such build, and so nothing but the host to judge.
    pub page_url: Option<Url>,
    /// The way to that build, with a ticket that opens no attempt, and opens nothing after a few minutes; where there is no
    /// build, to what answers anybody.
    pub link: InstallLink,
    /// What opens something, and is to be told to nobody.
    secrets: Vec<String>,
}

/// The last check, shared by all that tell of it.
#[derive(Debug, Default)]
pub(crate) struct LastCheck(RwLock<Option<Arc<SelfCheck>>>);

impl OwnRoad {
    /// Takes out of a finding whatever opens something.
    pub fn redact(&self, finding: &mut Finding) {
        let places = finding.evidence.iter_mut();
        let places = places.flat_map(|place| std::iter::once(&mut place.at).chain(place.seen.as_mut()));
        for text in places.chain([&mut finding.message, &mut finding.fix]) {
            for secret in &self.secrets {
                hide(text, secret);
            }
        }
    }
}

impl Distribution {
    /// The way to one of the newest builds that can be installed now, or where there is none among them, to the host alone.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn own_road(&self) -> Result<OwnRoad, StoreError> {
        let now = self.now();
        let mut catalog = self.catalog.read().await?;
        let newest = catalog.installs().newest(None, PageSize::new(CANDIDATES)).await?.items;
        for ReleasedBuild { release, build } in newest.iter().filter(|released| is_offered(released, now)) {
            let channel = catalog.channels().find(release.channel).await?;
            let Some(channel) = channel.filter(|channel| channel.closed_at.is_none()) else { continue };
            let ticket = self.ticket_keys.sign(&Ticket::for_check(channel.id, build.id, now));
            let slug = channel.slug.as_str();
            return Ok(OwnRoad {
                page_url: Some(self.build_url(&channel, build)),
                link: link_to(&self.device_url(&ticket, DeviceFile::Manifest)),
                secrets: vec![format!("/i/{slug}/{}", build.id), format!("%2Fi%2F{slug}"), ticket],
            });
        }
        Ok(OwnRoad { page_url: None, link: link_to(&self.page_at(&["healthz"])), secrets: Vec::new() })
    }

    /// Remembers what a check has found; gives what the one before had found.
    pub fn note_self_check(&self, check: SelfCheck) -> Option<Arc<SelfCheck>> {
        let mut last = self.last_check.0.write().unwrap_or_else(PoisonError::into_inner);
        last.replace(Arc::new(check))
    }

    /// Keeps what a check has found for whoever looks at the catalog.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn keep_self_check(&self, check: &SelfCheck) -> Result<(), StoreError> {
        let mut unit = self.catalog.begin().await?;
        unit.self_checks().keep(check).await?;
        unit.commit().await
    }

    /// What the last check of this server has found, where there was one.
    #[must_use]
    pub fn last_self_check(&self) -> Option<Arc<SelfCheck>> {
        self.last_check.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Administration {
    /// What a server found when it last walked its own road; `None` where none has.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn last_self_check(&self) -> Result<Option<SelfCheck>, StoreError> {
        self.catalog.read().await?.self_checks().last().await
    }
}

/// Puts an ellipsis in the place of a secret, and of its beginning where a quotation was cut.
fn hide(text: &mut String, secret: &str) {
    let beginning: String = secret.chars().take(TELLING_CHARS).collect();
    while let Some(start) = text.find(&beginning) {
        let same = text[start..].chars().zip(secret.chars()).take_while(|(seen, own)| seen == own);
        let end = start + same.map(|(seen, _)| seen.len_utf8()).sum::<usize>();
        text.replace_range(start..end, "…");
    }
}

/// Whether the page of a release would have a link.
fn is_offered(ReleasedBuild { release, build }: &ReleasedBuild, now: Timestamp) -> bool {
    let has_expired = build.signing.as_ref().is_some_and(|signing| signing.profile.expires_at <= now);
    release.withdrawn_at.is_none() && build.package.blob.is_some() && !has_expired
}

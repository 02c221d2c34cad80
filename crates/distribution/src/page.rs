use catalog::{
    App, Build, BuildId, Channel, ChannelPage, PageSize, Release, ReleasedBuild, Slug, StoreError, TicketId,
    Timestamp,
};
use depot::Blob;
use doctor::{Device, Facts, Finding};
use itms_services::InstallLink;
use url::Url;

use crate::device::{DeviceFile, ServeError};
use crate::publish::key;
use crate::ticket::Ticket;
use crate::{Distribution, random};

/// How many earlier builds a page shows.
const OLDER_BUILDS: usize = 10;

/// What a channel's address leads to.
#[derive(Clone, Debug)]
pub enum InstallPage {
    /// A build to install.
    Offer(Box<PageOffer>),
    /// The channel is there, but there is nothing on it.
    NothingReleased {
        /// The app whose channel it is.
        app: App,
    },
    /// The build was taken off the channel, or its package was let go of.
    BuildGone {
        /// The app whose channel it is.
        app: App,
    },
    /// The channel was closed.
    Closed {
        /// The app whose channel it was.
        app: App,
    },
    /// No channel has or had this address.
    Unknown,
}

/// A build, as its page offers it.
#[derive(Clone, Debug)]
pub struct PageOffer {
    /// The app.
    pub app: App,
    /// The channel.
    pub channel: Channel,
    /// The build.
    pub build: Build,
    /// How it came to the channel.
    pub release: Release,
    /// What the doctor found in it, as it stands now.
    pub findings: Vec<Finding>,
    /// What else was on the channel, the newest first.
    pub older: Vec<ReleasedBuild>,
    /// Whether it can be installed.
    pub install: Install,
}

/// Whether a build can be installed.
#[derive(Clone, Debug)]
pub enum Install {
    /// The link to tap, with a ticket of its own.
    Offered(InstallLink),
    /// Its profile has run out.
    ProfileExpired(Timestamp),
}

impl Distribution {
    /// What to show at a channel's address: what is current, or one of its builds. Nothing is written.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn install_page(&self, slug: &Slug, build: Option<BuildId>) -> Result<InstallPage, StoreError> {
        let mut catalog = self.catalog.read().await?;
        let Some(page) = catalog.installs().page(slug).await? else { return Ok(InstallPage::Unknown) };
        let ChannelPage { app, channel } = page;
        if channel.closed_at.is_some() {
            return Ok(InstallPage::Closed { app });
        }
        let (shown, older) = if let Some(build) = build {
            let Some(shown) = catalog.installs().released_build(channel.id, build).await? else {
                return Ok(InstallPage::BuildGone { app });
            };
            let (before, size) = (Some(shown.release.sequence), PageSize::new(OLDER_BUILDS));
            (shown, catalog.installs().released(channel.id, before, size).await?.items)
        } else {
            let size = PageSize::new(1 + OLDER_BUILDS);
            let mut released = catalog.installs().released(channel.id, None, size).await?.items.into_iter();
            let Some(current) = released.next() else { return Ok(InstallPage::NothingReleased { app }) };
            (current, released.collect())
        };
        if shown.build.package.blob.is_none() {
            return Ok(InstallPage::BuildGone { app });
        }
        let install = self.install(&channel, &shown.build);
        let facts = Facts::of_demands(self.now().into(), shown.build.demands(), Device::default());
        let findings = doctor::judge_again(&shown.build.findings, &facts);
        Ok(InstallPage::Offer(Box::new(PageOffer {
            app,
            channel,
            release: shown.release,
            findings,
            older: distinct_builds(older, shown.build.id),
            build: shown.build,
            install,
        })))
    }

    /// The large icon of a build, for its page and for previews of links; `None` where the build is not offered.
    ///
    /// # Errors
    ///
    /// What the store or the depot fails with.
    pub async fn page_icon(&self, slug: &Slug, build: BuildId) -> Result<Option<Blob>, ServeError> {
        let mut catalog = self.catalog.read().await?;
        let page = catalog.installs().page(slug).await?;
        let Some(page) = page.filter(|page| page.channel.closed_at.is_none()) else { return Ok(None) };
        let shown = catalog.installs().released_build(page.channel.id, build).await?;
        drop(catalog);
        let offered = shown.map(|shown| shown.build).filter(|build| build.package.blob.is_some());
        let Some(icon) = offered.and_then(|build| build.icons.full_size_image) else { return Ok(None) };
        Ok(Some(self.depot.open(key(icon)).await?))
    }

    /// The page to send people to.
    #[must_use]
    pub fn page_url(&self, channel: &Channel) -> Url {
        self.page_at(&["i", channel.slug.as_str()])
    }

    /// The page of one of a channel's builds.
    #[must_use]
    pub fn build_url(&self, channel: &Channel, build: &Build) -> Url {
        self.page_at(&["i", channel.slug.as_str(), &build.id.to_string()])
    }

    /// The page that says what a finding means.
    #[must_use]
    pub fn help_url(&self, finding: &Finding) -> Url {
        self.page_at(&["help", &finding.code])
    }

    pub(crate) fn page_at(&self, path: &[&str]) -> Url {
        let mut url = self.policy.public_url.clone();
        let mut segments = url.path_segments_mut().expect("an https address has a path");
        segments.pop_if_empty().extend(path);
        drop(segments);
        url
    }

    fn install(&self, channel: &Channel, build: &Build) -> Install {
        let now = self.now();
        let expires_at = build.signing.as_ref().map(|signing| signing.profile.expires_at);
        if let Some(expired_at) = expires_at.filter(|at| *at <= now) {
            return Install::ProfileExpired(expired_at);
        }
        let ticket = Ticket {
            id: TicketId::new(random::bytes()),
            channel: channel.id,
            build: build.id,
            issued_at: now,
            expires_at: now.saturating_add(self.policy.ticket_starts_for),
        };
        let manifest_url = self.device_url(&self.ticket_keys.sign(&ticket), DeviceFile::Manifest);
        Install::Offered(link_to(&manifest_url))
    }
}

/// The link to a manifest of this server.
pub(crate) fn link_to(manifest_url: &Url) -> InstallLink {
    InstallLink::new(manifest_url.as_str()).expect("the public address is https and names a host")
}

/// Each build once, where it was released last, and not the one that is shown already.
fn distinct_builds(released: Vec<ReleasedBuild>, shown: BuildId) -> Vec<ReleasedBuild> {
    let mut seen = vec![shown];
    let fresh = released.into_iter().filter(|older| {
        let first = !seen.contains(&older.build.id);
        seen.push(older.build.id);
        first && older.build.package.blob.is_some()
    });
    fresh.collect()
}

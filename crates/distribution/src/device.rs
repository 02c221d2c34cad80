use std::sync::Arc;

use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptStart, BlobId, Build, InstallSubject, StoreError, TicketId,
    Timestamp,
};
use depot::{Blob, DepotError};
use doctor::{Device, Facts, Finding, Severity};
use itms_services::{AssetKind, InstallerAgent, Manifest, ManifestItem};
use url::Url;

use crate::attempts::{Asked, LiveAttempt, Sending};
use crate::publish::key;
use crate::ticket::{Ticket, TicketError};
use crate::ticket_keys::TicketKeysError;
use crate::{Distribution, random};

/// One of the files that a device fetches with its ticket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceFile {
    /// The manifest.
    Manifest,
    /// The package.
    Package,
    /// The placeholder's icon, 57 pixels wide.
    DisplayImage,
    /// The large icon, 512 pixels wide.
    FullSizeImage,
}

/// Whether the device wants the bytes or only to know about them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// `GET`.
    Bytes,
    /// `HEAD`.
    Size,
}

/// Who shows a ticket, as far as the request's user agent tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Visitor {
    /// A device's installer.
    Installer(AttemptDevice),
    /// A browser, a preview bot, a person with curl.
    Other,
}

impl Visitor {
    /// Tells by the user agent; never a reason to refuse anything.
    #[must_use]
    pub fn of(user_agent: Option<&str>) -> Self {
        let agent = user_agent.and_then(InstallerAgent::parse);
        agent.map_or(Self::Other, |agent| {
            Self::Installer(AttemptDevice {
                model: agent.model().unwrap_or_default().to_owned(),
                os_version: agent.os_version().unwrap_or_default().to_owned(),
                os_build: agent.os_build().unwrap_or_default().to_owned(),
            })
        })
    }
}

/// What a device gets for its ticket.
pub enum Served {
    /// The manifest, as an XML property list.
    Manifest(Vec<u8>),
    /// A PNG.
    Image(Blob),
    /// The package.
    Package(ServedPackage),
}

/// A package to be sent, whole or in parts.
pub struct ServedPackage {
    /// Its bytes.
    pub blob: Blob,
    /// The SHA-256 of all of it: the strong entity tag.
    pub sha256: catalog::Sha256,
    attempt: Option<Arc<LiveAttempt>>,
}

impl ServedPackage {
    /// Begins to count what is sent, from byte `first` on; `None` when no attempt is to be told.
    #[must_use]
    pub fn sending(&self, first: u64) -> Option<Sending> {
        let attempt = self.attempt.clone()?;
        Some(attempt.sending(first, self.blob.size_bytes()))
    }
}

/// Why a ticket opens nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TicketRefusal {
    /// It is not one of ours, or not whole.
    #[error(transparent)]
    Invalid(#[from] TicketError),
    /// What it names is not there any more.
    #[error("the build is no longer offered")]
    Gone,
    /// Its time to start is over, and nothing it started is still served.
    #[error("the link expired on {0}; open the install page again")]
    Expired(Timestamp),
    /// Its channel, its build or the link itself was revoked.
    #[error("the link was revoked; ask whoever sent it for a new one")]
    Revoked,
}

/// Why a device got nothing although its ticket may be good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The ticket opens nothing.
    #[error(transparent)]
    Refused(#[from] TicketRefusal),
    /// The keys can't be read.
    #[error("the ticket keys can't be read")]
    Keys(#[from] TicketKeysError),
    /// The catalog failed.
    #[error("the catalog failed")]
    Store(#[from] StoreError),
    /// The depot failed.
    #[error("the depot failed")]
    Depot(#[from] DepotError),
    /// The build says of itself what no manifest can say.
    #[error("no manifest can be written for the build")]
    Manifest(#[from] itms_services::Error),
}

impl Distribution {
    /// Serves one of a ticket's files.
    ///
    /// The first request of an installer opens an attempt; what has started is served to its end, whatever the
    /// ticket's own expiry. A check's ticket opens none.
    ///
    /// # Errors
    ///
    /// [`ServeError::Refused`] when the ticket opens nothing; else what failed.
    pub async fn serve(
        &self,
        ticket: &str,
        file: DeviceFile,
        wanted: Wanted,
        visitor: &Visitor,
    ) -> Result<Served, ServeError> {
        let now = self.now();
        let verified = self.ticket_keys.verify(&*self.catalog, ticket, now).await?;
        let claims = verified.map_err(TicketRefusal::Invalid)?;
        let subject = self.subject(&claims).await?;
        let attempt = self.attempt(&claims, &subject, file, wanted, visitor).await?;
        if let Some(attempt) = &attempt {
            attempt.asked(asked(file, wanted), now);
        }
        match file {
            DeviceFile::Manifest => {
                let until = attempt.map_or(claims.expires_at, |attempt| attempt.attempt().served_until);
                let package_url = self.package_url(ticket, &subject, until).await?;
                Ok(Served::Manifest(self.manifest(ticket, &subject, &package_url)?))
            }
            DeviceFile::DisplayImage => {
                Ok(Served::Image(self.blob(subject.build.icons.display_image).await?))
            }
            DeviceFile::FullSizeImage => {
                Ok(Served::Image(self.blob(subject.build.icons.full_size_image).await?))
            }
            DeviceFile::Package => {
                let blob = self.blob(subject.build.package.blob).await?;
                Ok(Served::Package(ServedPackage { blob, sha256: subject.build.package.sha256, attempt }))
            }
        }
    }

    /// Attempts as they go on, from now on: each as it stands after something happened to it.
    #[must_use]
    pub fn watch_attempts(&self) -> tokio::sync::broadcast::Receiver<Attempt> {
        self.attempts.watch()
    }

    /// Writes down what is known of attempts; done by itself twice a second while something happens.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn flush_attempts(&self) -> Result<(), StoreError> {
        self.attempts.flush().await
    }

    /// Where a device finds a file of this ticket.
    pub(crate) fn device_url(&self, ticket: &str, file: DeviceFile) -> Url {
        let name = match file {
            DeviceFile::Manifest => "manifest.plist",
            DeviceFile::Package => "app.ipa",
            DeviceFile::DisplayImage => "icon-57.png",
            DeviceFile::FullSizeImage => "icon-512.png",
        };
        let mut url = self.policy.public_url.clone();
        url.path_segments_mut()
            .expect("an https address has a path")
            .pop_if_empty()
            .extend(["t", ticket, name]);
        url
    }

    async fn subject(&self, ticket: &Ticket) -> Result<InstallSubject, ServeError> {
        let mut catalog = self.catalog.read().await?;
        let subject = catalog.installs().subject(ticket.id, ticket.channel, ticket.build).await?;
        Ok(subject.ok_or(TicketRefusal::Gone)?)
    }

    /// The attempt that this request belongs to, opened if it is its first; refuses requests that may neither start
    /// one nor belong to one that is still served.
    async fn attempt(
        &self,
        ticket: &Ticket,
        subject: &InstallSubject,
        file: DeviceFile,
        wanted: Wanted,
        visitor: &Visitor,
    ) -> Result<Option<Arc<LiveAttempt>>, ServeError> {
        let now = self.now();
        let silent_since = now.saturating_sub(self.policy.attempt_silence);
        let start = may_start(ticket, subject, now);
        if ticket.is_for_check() {
            return Ok(start.map(|()| None)?);
        }
        let served = |live: &Arc<LiveAttempt>| is_served(&live.attempt(), subject, now);
        let begins = file == DeviceFile::Manifest && wanted == Wanted::Bytes;
        if let (Visitor::Installer(device), Ok(()), true) = (visitor, &start, begins) {
            // The manifest begins an install; a silent attempt is over when it is asked for again. Opening finds one
            // that goes on, so the store is not asked for it before.
            let goes_on = |live: &Arc<LiveAttempt>| served(live) && live.last_seen_at() >= silent_since;
            return match self.attempts.held(ticket.id, device).filter(goes_on) {
                Some(live) => Ok(Some(live)),
                None => Ok(Some(self.open_attempt(ticket, subject, device, silent_since).await?)),
            };
        }
        let running = self.started(ticket.id, visitor).await?.filter(served);
        match (visitor, running, start) {
            (_, Some(live), _) => Ok(Some(live)),
            (Visitor::Installer(device), None, Ok(())) if wanted == Wanted::Bytes => {
                Ok(Some(self.open_attempt(ticket, subject, device, silent_since).await?))
            }
            (_, None, Ok(())) => Ok(None),
            (_, None, Err(refusal)) => Err(refusal.into()),
        }
    }

    /// The attempt that this visitor's requests belong to: its own, or the ticket's latest for a request whose agent
    /// says nothing, since not every request of a device is known to carry the installer's agent.
    async fn started(
        &self,
        ticket: TicketId,
        visitor: &Visitor,
    ) -> Result<Option<Arc<LiveAttempt>>, StoreError> {
        let held = match visitor {
            Visitor::Installer(device) => self.attempts.held(ticket, device),
            Visitor::Other => self.attempts.held_of_ticket(ticket),
        };
        if held.is_some() {
            return Ok(held);
        }
        let mut catalog = self.catalog.read().await?;
        let stored = match visitor {
            Visitor::Installer(device) => catalog.attempts().latest(ticket, device).await?,
            Visitor::Other => {
                let size = catalog::PageSize::new(1);
                catalog.attempts().list_ticket(ticket, None, size).await?.items.pop()
            }
        };
        Ok(stored.map(|attempt| self.attempts.hold(attempt)))
    }

    async fn open_attempt(
        &self,
        ticket: &Ticket,
        subject: &InstallSubject,
        device: &AttemptDevice,
        silent_since: Timestamp,
    ) -> Result<Arc<LiveAttempt>, ServeError> {
        let now = self.now();
        let attempt = Attempt {
            id: AttemptId::new(now, random::bytes()),
            ticket: ticket.id,
            channel: ticket.channel,
            build: ticket.build,
            device: device.clone(),
            started_at: now,
            served_until: now.saturating_add(self.policy.attempt_served_for),
            progress: catalog::Progress::seen(now),
            findings: obstacles(&subject.build, device, now),
        };
        let start = AttemptStart { attempt, issued_at: ticket.issued_at, silent_since };
        let opened = self.attempts.open(start).await?;
        // Revoked since the ticket was looked at.
        Ok(opened.map_err(|_| TicketRefusal::Revoked)?)
    }

    /// Where the device fetches the package until then: here, or from the storage itself.
    async fn package_url(
        &self,
        ticket: &str,
        subject: &InstallSubject,
        until: Timestamp,
    ) -> Result<Url, ServeError> {
        let blob = subject.build.package.blob.ok_or(TicketRefusal::Gone)?;
        let presigned = self.depot.presigned(key(blob), self.now().until(until)).await?;
        Ok(presigned.unwrap_or_else(|| self.device_url(ticket, DeviceFile::Package)))
    }

    fn manifest(
        &self,
        ticket: &str,
        subject: &InstallSubject,
        package_url: &Url,
    ) -> Result<Vec<u8>, itms_services::Error> {
        let build = &subject.build;
        let url = |file| self.device_url(ticket, file).to_string();
        let item =
            ManifestItem::new(subject.app.bundle_id.as_str(), &build.display_name, package_url.as_str())?
                .with_bundle_version(build.build_number.as_str())?
                .with_asset(AssetKind::DisplayImage, &url(DeviceFile::DisplayImage))?
                .with_asset(AssetKind::FullSizeImage, &url(DeviceFile::FullSizeImage))?;
        let item = match &self.policy.organisation {
            Some(organisation) => item.with_subtitle(organisation)?,
            None => item,
        };
        Ok(Manifest::new(item).to_xml())
    }

    async fn blob(&self, blob: Option<BlobId>) -> Result<Blob, ServeError> {
        let blob = blob.ok_or(TicketRefusal::Gone)?;
        Ok(self.depot.open(key(blob)).await?)
    }
}

/// Whether a ticket may start an attempt at this moment.
fn may_start(ticket: &Ticket, subject: &InstallSubject, now: Timestamp) -> Result<(), TicketRefusal> {
    let released = subject.release.as_ref().is_some_and(|release| release.withdrawn_at.is_none());
    if subject.revocations.refuses_start(ticket.issued_at).is_some() {
        Err(TicketRefusal::Revoked)
    } else if subject.channel.closed_at.is_some() || !released || subject.build.package.blob.is_none() {
        Err(TicketRefusal::Gone)
    } else if ticket.expires_at < now {
        Err(TicketRefusal::Expired(ticket.expires_at))
    } else {
        Ok(())
    }
}

/// Whether what an attempt started is still served.
fn is_served(attempt: &Attempt, subject: &InstallSubject, now: Timestamp) -> bool {
    let revoked = subject.revocations.refuses_running(attempt.started_at).is_some();
    now <= attempt.served_until && !revoked && subject.build.package.blob.is_some()
}

/// What keeps a build from being installed on this device, by what was kept of the one and what the other tells.
fn obstacles(build: &Build, device: &AttemptDevice, now: Timestamp) -> Vec<Finding> {
    let device = Device {
        udid: None,
        model: Some(device.model.clone()).filter(|model| !model.is_empty()),
        os: device.os_version.parse().ok(),
    };
    let mut findings = doctor::judge(&Facts::of_demands(now.into(), build.demands(), device)).findings;
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

fn asked(file: DeviceFile, wanted: Wanted) -> Asked {
    match (file, wanted) {
        (DeviceFile::Manifest, _) => Asked::Manifest,
        (DeviceFile::DisplayImage | DeviceFile::FullSizeImage, _) => Asked::Icon,
        (DeviceFile::Package, Wanted::Size) => Asked::PackageSize,
        (DeviceFile::Package, Wanted::Bytes) => Asked::Package,
    }
}

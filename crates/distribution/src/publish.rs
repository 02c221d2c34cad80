//! A build arrives: authorise, receive, inspect, judge, admit, keep. Each stage can refuse; nothing is visible before
//! the last.

mod admit;
mod inspect;
mod keep;
mod receive;

use std::time::Duration;

use std::sync::Arc;

use catalog::{Build, Channel, Name, Provenance, Release, Slug, StoreError};
use depot::DepotError;
use doctor::Finding;
use ipa::{Limits, ReadAt};

pub use inspect::InspectionRefusal;
pub use receive::Upload;
pub(crate) use receive::{ARRIVES_WITHIN, key};

use inspect::Inspected;
use keep::Arrived;
use receive::{Finished, Received};

use crate::Distribution;
use crate::caller::{Caller, NotAllowed};
use crate::channels::ChannelError;

/// What a publisher says beside the bytes.
#[derive(Clone, Debug, Default)]
pub struct PublishRequest {
    /// The channel to release on; `default` when none is named and the token reaches more than one.
    pub channel: Option<Name>,
    /// The address that a channel made by this upload gets; random when none is given.
    pub slug: Option<Slug>,
    /// What is new, as Markdown.
    pub notes: String,
    /// Where the build comes from.
    pub provenance: Provenance,
    /// Which findings shall not refuse it.
    pub allow: Allow,
    /// Whether its channel may be open to anyone with the link although the build is signed in-house.
    pub open_in_house: OpenInHouse,
}

/// Which findings shall not refuse an upload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Allow {
    /// Those with these codes or names.
    Named(Vec<String>),
    /// Whatever is found.
    All,
}

impl Default for Allow {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

impl Allow {
    fn lets_pass(&self, finding: &Finding) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| *name == finding.code || *name == finding.name),
        }
    }
}

/// Whether a publisher agrees to an in-house build on an open channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OpenInHouse {
    /// Nothing was said.
    #[default]
    NotSaid,
    /// Yes.
    Agreed,
}

/// What became of an upload.
#[derive(Clone, Debug)]
pub struct Published {
    /// The app.
    pub app: catalog::App,
    /// The build: a new one, or the one that already holds these bytes.
    pub build: Build,
    /// The channel it is on.
    pub channel: Channel,
    /// How it got there.
    pub release: Release,
    /// Whether the bytes were new.
    pub novelty: Novelty,
}

/// Whether an upload brought bytes that the server did not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Novelty {
    /// A new build.
    NewBuild,
    /// The same bytes as an earlier build, which was released again.
    ReleasedAgain,
    /// The same bytes and the same notes as what is current: nothing was changed.
    NothingNew,
}

/// Why an upload did not become a build.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The caller may not do it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// It is larger than the owner takes.
    #[error("the package has {seen_bytes} bytes or more, the limit is {limit_bytes} bytes")]
    TooLarge {
        /// What was announced or received.
        seen_bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// There is no room for it.
    #[error("the package needs {needed_bytes} bytes, the server has room for {free_bytes} bytes")]
    NoRoom {
        /// What was announced, or what has arrived so far.
        needed_bytes: u64,
        /// What was left beside the reserve.
        free_bytes: u64,
    },
    /// The body ended early, or went on for longer than announced.
    #[error("the upload broke off: {received_bytes} of {announced_bytes} bytes arrived")]
    Incomplete {
        /// What arrived.
        received_bytes: u64,
        /// What was announced.
        announced_bytes: u64,
    },
    /// It took longer than an upload may take.
    #[error(
        "the upload took too long: {received_bytes} bytes arrived in {} hours; upload over a faster connection",
        .limit.as_secs() / 3_600
    )]
    TooSlow {
        /// What arrived.
        received_bytes: u64,
        /// How long an upload may take.
        limit: Duration,
    },
    /// It is no app package.
    #[error("this is no app package that a device could install: {0}")]
    NoPackage(InspectionRefusal),
    /// The doctor found what a device would refuse.
    #[error("a device would refuse this build: {}", first_message(.0))]
    Refused(Vec<Finding>),
    /// An in-house build may not stand on an open channel without a word.
    #[error(
        "an in-house build installs on anyone's phone, and the channel {channel:?} is open to anyone who has its link"
    )]
    InHouseOnOpenChannel {
        /// The channel's name.
        channel: String,
    },
    /// The channel was closed.
    #[error("the channel {channel:?} is closed")]
    ChannelClosed {
        /// The channel's name.
        channel: String,
    },
    /// The channel can't be made.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The catalog failed.
    #[error("the catalog failed")]
    Store(#[from] StoreError),
    /// The connection to the catalog broke at the commit, so nobody knows whether the build is kept.
    #[error("the server did not hear whether its database keeps the build; upload it again, which is safe")]
    Unsettled(#[source] StoreError),
    /// The depot failed.
    #[error("the depot failed")]
    Depot(#[from] DepotError),
}

impl PublishError {
    /// Whether rows may name the bytes that arrived all the same.
    fn may_be_kept(&self) -> bool {
        matches!(self, Self::Unsettled(_))
    }
}

impl From<InspectionRefusal> for PublishError {
    // Not as a source: the sentence tells it already.
    fn from(refusal: InspectionRefusal) -> Self {
        Self::NoPackage(refusal)
    }
}

fn first_message(findings: &[Finding]) -> &str {
    let refusing = findings.iter().find(|finding| finding.refuses_upload());
    refusing.map_or("for reasons unknown", |finding| &finding.message)
}

impl Distribution {
    /// Takes an upload whose bytes have all been written through the remaining stages.
    ///
    /// # Errors
    ///
    /// [`PublishError`] says which stage refused it and why; then nothing of it is left. After
    /// [`PublishError::Unsettled`] it is there or not, and what is not needed is garbage for later.
    pub async fn finish_upload(
        &self,
        caller: &Caller,
        upload: Upload,
        request: &PublishRequest,
    ) -> Result<Published, PublishError> {
        let Finished { package, copy } = upload.finish().await?;
        let published = self.publish_received(caller, package, copy, request).await;
        if published.as_ref().is_err_and(|error| !error.may_be_kept()) {
            self.discard(package.blob).await;
        }
        published
    }

    async fn publish_received(
        &self,
        caller: &Caller,
        package: Received,
        copy: Option<Arc<dyn ReadAt>>,
        request: &PublishRequest,
    ) -> Result<Published, PublishError> {
        let (source, limits) = if let Some(copy) = copy {
            (copy, Limits::default())
        } else {
            (self.depot.reader(key(package.blob)).await?, self.reading_limits())
        };
        let inspected = inspect::inspect(source, limits, self.now()).await?;
        let allowed = admit::admit_findings(&inspected.findings, &request.allow, caller.actor())?;
        let arrived = self.store_icons(package, &inspected).await?;
        let kept = self.keep(caller, &arrived, &inspected, allowed, request).await;
        let unneeded: Vec<_> = match &kept {
            Ok(published) => arrived.superfluous(&published.build).collect(),
            Err(error) if error.may_be_kept() => Vec::new(),
            Err(_) => vec![arrived.display_image.blob, arrived.full_size_image.blob],
        };
        for blob in unneeded {
            self.discard(blob).await;
        }
        kept
    }

    /// What looking into a package in the depot may cost.
    fn reading_limits(&self) -> Limits {
        if self.depot.is_far() {
            tracing::warn!(
                "there was no room for a copy of an upload, so not all of it was looked into; checks of its signature and \
                 of its archive were skipped"
            );
            Limits::remote()
        } else {
            Limits::default()
        }
    }

    async fn store_icons(&self, package: Received, inspected: &Inspected) -> Result<Arrived, PublishError> {
        let display_image = self.store(inspected.display_image.clone()).await?;
        let full_size_image = self.store(inspected.full_size_image.clone()).await?;
        Ok(Arrived { package, display_image, full_size_image })
    }
}

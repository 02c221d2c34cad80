use catalog::{
    AllowedCode, App, AppId, AuditAction, AuditSubject, Blob, BlobId, Build, BuildId, Channel, Icons, Key,
    Name, NewRelease, Package, Release, ReleaseId, StoreError, Unit,
};

use super::admit::Destination;
use super::inspect::Inspected;
use super::receive::Received;
use super::{Novelty, OpenInHouse, PublishError, PublishRequest, Published};
use crate::caller::Caller;
use crate::channels::{ChannelError, NewChannel};
use crate::events::{BUILD_RELEASED, event};
use crate::{Distribution, random};

const UPLOADED: AuditAction = AuditAction::new("build.uploaded");
const RESTORED: AuditAction = AuditAction::new("build.restored");
const RELEASED: AuditAction = AuditAction::new("build.released");

/// The bytes that an upload brought and made.
pub(super) struct Arrived {
    pub(super) package: Received,
    pub(super) display_image: Received,
    pub(super) full_size_image: Received,
}

impl Arrived {
    /// What nobody needs, because the same bytes were there already.
    pub(super) fn superfluous(&self, build: &Build) -> impl Iterator<Item = BlobId> {
        let needed = [build.package.blob, build.icons.display_image, build.icons.full_size_image];
        let arrived = [self.package.blob, self.display_image.blob, self.full_size_image.blob];
        arrived.into_iter().filter(move |blob| !needed.contains(&Some(*blob)))
    }
}

impl Distribution {
    /// Writes an admitted upload down: everything or nothing.
    pub(super) async fn keep(
        &self,
        caller: &Caller,
        arrived: &Arrived,
        inspected: &Inspected,
        allowed: Vec<AllowedCode>,
        request: &PublishRequest,
    ) -> Result<Published, PublishError> {
        let mut unit = self.catalog.begin().await?;
        let unit_ref = &mut *unit;
        let found = self.admit_app(unit_ref, caller, &inspected.bundle_id, inspected.platform).await?;
        let app = match found {
            Some(app) => app,
            None => self.keep_app(unit_ref, inspected).await?,
        };
        let destination = self.admit_channel(unit_ref, caller, &app, request).await?;
        let channel = self.keep_channel(unit_ref, caller, &app, destination, request).await?;
        let kind = inspected.signing.as_ref().map(|signing| signing.kind);
        self.admit_signing(&channel, kind, request)?;

        let known = unit.builds().find_by_package(&arrived.package.sha256).await?;
        let kept = if let Some(build) = known {
            Kept::Known(build)
        } else {
            let build = self.build(caller, &app, arrived, inspected, allowed, request);
            self.keep_build(&mut *unit, caller, arrived, build).await?
        };
        let (build, mut novelty) = match kept {
            Kept::New(build) => (build, Novelty::NewBuild),
            Kept::Known(build) => {
                (self.restore(&mut *unit, caller, build, &arrived.package).await?, Novelty::ReleasedAgain)
            }
        };
        let current = unit.releases().current(channel.id).await?;
        let release = match current {
            Some(release) if release.build == build.id && release.notes == request.notes => {
                novelty = Novelty::NothingNew;
                release
            }
            _ => self.keep_release(&mut *unit, caller, &channel, &build, request).await?,
        };
        unit.commit().await.map_err(|error| match error {
            lost @ StoreError::Busy(_) => PublishError::Unsettled(lost),
            other => other.into(),
        })?;
        Ok(Published { app, build, channel, release, novelty })
    }

    async fn keep_app(&self, unit: &mut dyn Unit, inspected: &Inspected) -> Result<App, StoreError> {
        let now = self.now();
        let name = Name::fit(&inspected.display_name)
            .or_else(|| Name::fit(inspected.bundle_id.as_str()))
            .expect("a bundle identifier is a name");
        let app = App {
            id: AppId::new(now, random::bytes()),
            bundle_id: inspected.bundle_id.clone(),
            platform: inspected.platform,
            name,
            created_at: now,
        };
        match unit.apps().insert(&app).await {
            // Somebody else's upload was first.
            Err(StoreError::Conflict(Key::App)) => {
                let found = unit.apps().find_by_bundle(&app.bundle_id, app.platform).await?;
                found.ok_or(StoreError::Unknown("app"))
            }
            other => other.map(|()| app),
        }
    }

    async fn keep_channel(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        app: &App,
        destination: Destination,
        request: &PublishRequest,
    ) -> Result<Channel, PublishError> {
        let name = match destination {
            Destination::Channel(mut channel) => {
                if channel.open_in_house_at.is_none() && request.open_in_house == OpenInHouse::Agreed {
                    channel.open_in_house_at = Some(self.now());
                    unit.channels().update(&channel).await?;
                }
                return Ok(channel);
            }
            Destination::NewChannel(name) => name,
        };
        let new = NewChannel {
            name: name.clone(),
            slug: request.slug.clone(),
            open_in_house: request.open_in_house,
        };
        match self.administration.add_channel(unit, app, new, caller.actor()).await {
            // Somebody else's upload was first.
            Err(ChannelError::NameTaken(_)) => {
                let found = unit.channels().find_by_name(app.id, &name).await?;
                Ok(found.ok_or(StoreError::Unknown("channel"))?)
            }
            other => Ok(other?),
        }
    }

    fn build(
        &self,
        caller: &Caller,
        app: &App,
        arrived: &Arrived,
        inspected: &Inspected,
        allowed: Vec<AllowedCode>,
        request: &PublishRequest,
    ) -> Build {
        let now = self.now();
        let Received { sha256, size_bytes, .. } = arrived.package;
        Build {
            id: BuildId::new(now, random::bytes()),
            app: app.id,
            version: inspected.version.clone(),
            build_number: inspected.build_number.clone(),
            display_name: inspected.display_name.clone(),
            minimum_os: inspected.minimum_os,
            families: inspected.families.clone(),
            supported_devices: inspected.supported_devices.clone(),
            capabilities: inspected.capabilities.clone(),
            package: Package { sha256, size_bytes, blob: None },
            executable_uuids: inspected.executable_uuids.clone(),
            signing: inspected.signing.clone(),
            findings: inspected.findings.clone(),
            allowed,
            provenance: request.provenance.clone(),
            icons: Icons::default(),
            uploaded_at: now,
            uploaded_by: caller.actor(),
        }
    }

    async fn keep_build(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        arrived: &Arrived,
        mut build: Build,
    ) -> Result<Kept, StoreError> {
        build.package.blob = Some(keep_blob(unit, &arrived.package).await?);
        build.icons.display_image = Some(keep_blob(unit, &arrived.display_image).await?);
        build.icons.full_size_image = Some(keep_blob(unit, &arrived.full_size_image).await?);
        match unit.builds().insert(&build).await {
            // Somebody else's upload was first.
            Err(StoreError::Conflict(Key::Package)) => {
                let found = unit.builds().find_by_package(&build.package.sha256).await?;
                return found.map(Kept::Known).ok_or(StoreError::Unknown("build"));
            }
            inserted => inserted?,
        }
        let details = [("version", build.version.as_str()), ("build_number", build.build_number.as_str())];
        let entry =
            self.administration.audit(caller.actor(), UPLOADED, AuditSubject::Build(build.id), &details);
        unit.audit().append(&entry).await?;
        Ok(Kept::New(build))
    }

    /// A build whose package retention let go of takes its bytes again.
    async fn restore(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        mut build: Build,
        arrived: &Received,
    ) -> Result<Build, StoreError> {
        if build.package.blob.is_none() {
            let blob = keep_blob(unit, arrived).await?;
            unit.builds().restore_package(build.id, blob).await?;
            build.package.blob = Some(blob);
            let entry =
                self.administration.audit(caller.actor(), RESTORED, AuditSubject::Build(build.id), &[]);
            unit.audit().append(&entry).await?;
        }
        Ok(build)
    }

    async fn keep_release(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        channel: &Channel,
        build: &Build,
        request: &PublishRequest,
    ) -> Result<Release, StoreError> {
        let now = self.now();
        let release = NewRelease {
            id: ReleaseId::new(now, random::bytes()),
            channel: channel.id,
            build: build.id,
            notes: request.notes.clone(),
            released_at: now,
            released_by: caller.actor(),
        };
        let release = unit.releases().insert(&release).await?;
        let details = [("channel", channel.name.as_str())];
        let entry =
            self.administration.audit(caller.actor(), RELEASED, AuditSubject::Build(build.id), &details);
        unit.audit().append(&entry).await?;
        let body = [
            ("channel", channel.id.to_string().into()),
            ("release", release.id.to_string().into()),
            ("build", build.id.to_string().into()),
        ];
        unit.events().append(&event(now, BUILD_RELEASED, body)).await?;
        Ok(release)
    }
}

/// The build of an upload's bytes.
enum Kept {
    /// That of this upload.
    New(Build),
    /// One that was there before.
    Known(Build),
}

/// The row of these bytes: a new one, or the one that is there.
async fn keep_blob(unit: &mut dyn Unit, arrived: &Received) -> Result<BlobId, StoreError> {
    let blob = Blob { id: arrived.blob, sha256: arrived.sha256, size_bytes: arrived.size_bytes };
    match unit.blobs().insert(&blob).await {
        Ok(()) => Ok(blob.id),
        Err(StoreError::Conflict(Key::Blob)) => {
            let found = unit.blobs().find_by_sha256(&blob.sha256).await?;
            Ok(found.ok_or(StoreError::Unknown("blob"))?.id)
        }
        Err(error) => Err(error),
    }
}

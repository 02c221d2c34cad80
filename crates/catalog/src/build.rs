use async_trait::async_trait;
use doctor::{Demands, Finding};
use ipa::{BuildNumber, BundleKind, Capability, DeviceFamily, Fact, OsVersion, Version};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Actor, AppId, BlobId, BuildId, Page, PageSize, Provenance, Sha256, Signing, StoreError, Timestamp,
};

/// One uploaded package of an app.
///
/// Nothing of it changes, except that retention may let go of the package's bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Build {
    /// Its id.
    pub id: BuildId,
    /// The app it is a build of.
    pub app: AppId,
    /// `CFBundleShortVersionString`.
    pub version: Version,
    /// `CFBundleVersion`.
    pub build_number: BuildNumber,
    /// What the home screen shows: plain text, may be hostile.
    pub display_name: String,
    /// `MinimumOSVersion`, where it can be read.
    pub minimum_os: Option<OsVersion>,
    /// `UIDeviceFamily`, in the order of the package.
    pub families: Vec<DeviceFamily>,
    /// `UISupportedDevices`, none of them for all; `None` where that is not kept, because it was too long, could not be
    /// read, or an earlier version of this program kept the build.
    pub supported_devices: Option<Vec<String>>,
    /// `UIRequiredDeviceCapabilities`; `None` as above.
    pub capabilities: Option<Vec<Capability>>,
    /// The package.
    pub package: Package,
    /// The UUIDs of the app's executable, one per architecture; what crash reports name.
    pub executable_uuids: Vec<Uuid>,
    /// How it is signed; `None` when no profile could be read.
    pub signing: Option<Signing>,
    /// What the doctor said when it was uploaded.
    pub findings: Vec<Finding>,
    /// The findings' codes that would have refused it, had somebody not allowed them.
    pub allowed: Vec<AllowedCode>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Its icons.
    pub icons: Icons,
    /// When it was kept.
    pub uploaded_at: Timestamp,
    /// Who uploaded it.
    pub uploaded_by: Actor,
}

impl Build {
    /// What it demands of the device and of the moment, as far as that is kept.
    #[must_use]
    pub fn demands(&self) -> Demands {
        Demands {
            bundle: None,
            kind: BundleKind::App,
            minimum_os: self.minimum_os.into(),
            device_families: listed(Some(&self.families)),
            supported_devices: listed(self.supported_devices.as_ref()),
            capabilities: listed(self.capabilities.as_ref()),
            profile_expires_at: self.signing.as_ref().map(|signing| signing.profile.expires_at.into()).into(),
        }
    }
}

/// A list out of an `Info.plist`; an empty one stands for a key that is not there.
fn listed<T: Clone>(kept: Option<&Vec<T>>) -> Fact<Vec<T>> {
    match kept {
        None => Fact::NotMeasured("it was not kept".to_owned()),
        Some(list) if list.is_empty() => Fact::Absent,
        Some(list) => Fact::Known(list.clone()),
    }
}

/// The package of a build.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Package {
    /// Unique: the same bytes are the same build.
    pub sha256: Sha256,
    /// The size of the `.ipa`.
    pub size_bytes: u64,
    /// The blob with its bytes; `None` since retention let go of them.
    pub blob: Option<BlobId>,
}

/// The images that a manifest names, as PNG.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Icons {
    /// `display-image`: 57 by 57 pixels.
    pub display_image: Option<BlobId>,
    /// `full-size-image`: 512 by 512 pixels.
    pub full_size_image: Option<BlobId>,
}

/// A doctor's code that a publisher let pass.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AllowedCode {
    /// Such as `PRF004`.
    pub code: String,
    /// Who let it pass.
    pub by: Actor,
}

/// Reads builds.
#[async_trait]
pub trait Builds: Send {
    /// The build with this id, or `None` when there is none.
    async fn find(&mut self, id: BuildId) -> Result<Option<Build>, StoreError>;

    /// The build of these bytes, or `None` when there is none.
    async fn find_by_package(&mut self, sha256: &Sha256) -> Result<Option<Build>, StoreError>;

    /// The builds of an app, newest id first; empty for an unknown app.
    async fn list(
        &mut self,
        app: AppId,
        before: Option<BuildId>,
        size: PageSize,
    ) -> Result<Page<Build, BuildId>, StoreError>;

    /// The builds of an app that call themselves alike, newest id first: more than one means that a version was
    /// uploaded again with other bytes.
    async fn list_version(
        &mut self,
        app: AppId,
        version: &Version,
        build_number: &BuildNumber,
        before: Option<BuildId>,
        size: PageSize,
    ) -> Result<Page<Build, BuildId>, StoreError>;
}

/// Keeps builds. They are never removed; their packages may be.
#[async_trait]
pub trait BuildsMut: Builds {
    /// Adds a build; [`StoreError::Conflict`] when its package is there already, [`StoreError::Dangling`] when its
    /// app or one of its blobs is not. Of two units that add the same package at once the second waits for the first
    /// to end, and finds its build, or adds its own when that one was dropped.
    async fn insert(&mut self, build: &Build) -> Result<(), StoreError>;

    /// Lets go of the package's bytes, so that their blob may be unused. A second call changes nothing;
    /// [`StoreError::Unknown`] when there is no such build.
    async fn drop_package(&mut self, id: BuildId) -> Result<(), StoreError>;

    /// Takes the package's bytes again, for a build that comes back. `blob` must hold the same bytes:
    /// [`StoreError::Unknown`] when there is no such build, [`StoreError::Dangling`] when there is no such blob or it
    /// holds other bytes.
    async fn restore_package(&mut self, id: BuildId, blob: BlobId) -> Result<(), StoreError>;
}

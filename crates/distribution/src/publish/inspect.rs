use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use catalog::{DeviceReach, ProfileSummary, Signing, Team, Timestamp};
use depot::DepotError;
use doctor::{Facts, Finding};
use ipa::{
    Archive, BuildNumber, BundleId, Capability, Depth, DeviceFamily, Devices, Examined, Fact, ImageUuid,
    InspectError, Inspection, Limits, OsVersion, Package, Platform, Profile, ReadAt, Version, icon,
};
use uuid::Uuid;

use super::PublishError;

/// The sizes that manifests name, in pixels.
const DISPLAY_IMAGE: u32 = 57;
const FULL_SIZE_IMAGE: u32 = 512;

/// The longest list of models or capabilities that is kept. There are some hundred models, of some ten bytes each.
const KEPT_BYTES: usize = 16 << 10;

/// What the catalog keeps of a package, measured and judged.
#[derive(Clone, Debug)]
pub(super) struct Inspected {
    pub(super) bundle_id: BundleId,
    pub(super) platform: Platform,
    pub(super) version: Version,
    pub(super) build_number: BuildNumber,
    pub(super) display_name: String,
    pub(super) minimum_os: Option<OsVersion>,
    pub(super) families: Vec<DeviceFamily>,
    pub(super) supported_devices: Option<Vec<String>>,
    pub(super) capabilities: Option<Vec<Capability>>,
    pub(super) executable_uuids: Vec<Uuid>,
    pub(super) signing: Option<Signing>,
    pub(super) findings: Vec<Finding>,
    /// The icon in both sizes, as PNG.
    pub(super) display_image: Vec<u8>,
    pub(super) full_size_image: Vec<u8>,
}

/// Why a package can't become a build, whoever allows what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectionRefusal {
    /// It holds no app that could be looked at.
    #[error(transparent)]
    Package(#[from] InspectError),
    /// The app does not say what it is.
    #[error("the app's Info.plist has no usable {key}: {reason}")]
    InfoPlist {
        /// The key.
        key: &'static str,
        /// What is the matter with it.
        reason: String,
    },
    /// The inspection was cut short.
    #[error("the inspection was cut short")]
    Interrupted(#[source] io::Error),
}

/// Looks into a package that lies in the depot: off the runtime, since reading blocks.
pub(super) async fn inspect(
    source: Arc<dyn ReadAt>,
    limits: Limits,
    now: Timestamp,
) -> Result<Inspected, PublishError> {
    let looked = tokio::task::spawn_blocking(move || {
        let source = Attentive { source, failure: Mutex::default() };
        let looked = look(&source, &limits, now);
        // What could not be read is not the package's fault, whatever was made of it.
        match source.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(cause) => Err(DepotError::of_reading("looking into a package", cause).into()),
            None => Ok(looked?),
        }
    });
    looked.await.map_err(|error| InspectionRefusal::Interrupted(io::Error::other(error)))?
}

/// A source that remembers what it failed with first.
struct Attentive {
    source: Arc<dyn ReadAt>,
    failure: Mutex<Option<io::Error>>,
}

impl ReadAt for Attentive {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.source.read_at(offset, buf).map_err(|error| {
            let kind = error.kind();
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            kind.into()
        })
    }
}

fn look(source: &dyn ReadAt, limits: &Limits, now: Timestamp) -> Result<Inspected, InspectionRefusal> {
    let archive = Archive::open(source, limits).map_err(InspectError::from)?;
    let inspection = Inspection::new(Depth::Signatures);
    let examined =
        Examined::watched(&archive, limits, &inspection, &mut |_| {}).map_err(InspectError::from)?;
    let report = doctor::judge(&Facts::of_package(now.into(), &examined));
    let package = examined.package?;
    let info = required("list", &package.app.info)?;
    let bundle_id = required("CFBundleIdentifier", &info.bundle_id)?.clone();
    let build_number = required("CFBundleVersion", &info.build_number)?.clone();
    // Many internal builds carry a build number alone; it then is the version too.
    let version = info.version.known().cloned().or_else(|| Version::parse(build_number.as_str()).ok());
    let title = info.title().map(str::trim).filter(|title| !title.is_empty());
    let display_name = title.unwrap_or(bundle_id.as_str()).to_owned();
    let icon = icon::find(&archive, &package.app, limits);
    Ok(Inspected {
        platform: info.platforms().into_known().and_then(|all| all.first().copied()).unwrap_or(Platform::Ios),
        version: version.expect("a text that is a build number is a version as well"),
        minimum_os: info.minimum_os.known().copied(),
        families: info.device_families.known().cloned().unwrap_or_default(),
        supported_devices: kept(&info.supported_devices, |model| model),
        capabilities: kept(&info.capabilities, |capability| &capability.name),
        executable_uuids: executable_uuids(&package),
        signing: package.app.profile.known().and_then(signing),
        findings: report.findings,
        display_image: icon.resized(DISPLAY_IMAGE),
        full_size_image: icon.resized(FULL_SIZE_IMAGE),
        display_name,
        bundle_id,
        build_number,
    })
}

fn required<'a, T>(key: &'static str, fact: &'a Fact<T>) -> Result<&'a T, InspectionRefusal> {
    let reason = match fact {
        Fact::Known(value) => return Ok(value),
        Fact::Absent => "it is not there",
        Fact::Unreadable(reason) | Fact::NotMeasured(reason) => reason,
    };
    Err(InspectionRefusal::InfoPlist { key, reason: reason.to_owned() })
}

/// A list out of an `Info.plist`, where it can be read and is no longer than any that means something.
fn kept<T: Clone>(fact: &Fact<Vec<T>>, name: impl Fn(&T) -> &String) -> Option<Vec<T>> {
    let list = match fact {
        Fact::Known(list) => list.clone(),
        Fact::Absent => Vec::new(),
        Fact::Unreadable(_) | Fact::NotMeasured(_) => return None,
    };
    let bytes: usize = list.iter().map(|one| name(one).len()).sum();
    (bytes <= KEPT_BYTES).then_some(list)
}

fn executable_uuids(package: &Package) -> Vec<Uuid> {
    let slices =
        package.app.executable.known().map(|executable| executable.slices.as_slice()).unwrap_or_default();
    slices
        .iter()
        .filter_map(|slice| slice.uuid.known())
        .map(|ImageUuid(bytes)| Uuid::from_bytes(*bytes))
        .collect()
}

/// What is kept of a profile; `None` when it does not say until when it is good or whose it is.
fn signing(profile: &Profile) -> Option<Signing> {
    let devices = match &profile.devices {
        Devices::Any => DeviceReach::Any,
        Devices::Listed { udids, odd } => {
            DeviceReach::Listed(u32::try_from(udids.len() + odd.len()).unwrap_or(u32::MAX))
        }
        Devices::None => DeviceReach::Listed(0),
    };
    let text = |fact: &Fact<String>| fact.known().cloned().unwrap_or_default();
    Some(Signing {
        kind: profile.kind,
        profile: ProfileSummary {
            name: text(&profile.name),
            uuid: text(&profile.uuid),
            expires_at: Timestamp::from(*profile.expires_at.known()?),
        },
        team: Team { name: text(&profile.team_name), id: profile.team_ids.known()?.first()?.clone() },
        devices,
    })
}

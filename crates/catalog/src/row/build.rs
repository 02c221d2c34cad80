use ipa::{Capability, Demand, DeviceFamily};
use uuid::Uuid;

use super::{Malformed, Row, from_json, optional_text, signed, text, to_json};
use crate::{
    Actor, BlobId, Build, DeviceReach, Icons, Package, ProfileSummary, Provenance, Sha256, Signing,
    StoreError, Team, Timestamp,
};

/// A row of `builds`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Build`")]
#[derive(Clone, Debug)]
pub struct BuildRow {
    pub id: Uuid,
    pub app_id: Uuid,
    pub version: String,
    pub build_number: String,
    pub display_name: String,
    pub minimum_os: Option<String>,
    pub families: String,
    pub supported_devices: Option<String>,
    pub capabilities: Option<String>,
    pub package_sha256: Vec<u8>,
    pub package_size_bytes: i64,
    pub package_blob: Option<Uuid>,
    pub executable_uuids: String,
    pub signing_kind: Option<String>,
    pub profile_name: Option<String>,
    pub profile_uuid: Option<String>,
    pub profile_expires_at: Option<i64>,
    pub profile_device_count: Option<i64>,
    pub team_name: Option<String>,
    pub team_id: Option<String>,
    pub findings: String,
    pub allowed: String,
    pub commit_id: Option<String>,
    pub branch: Option<String>,
    pub pull_request: Option<String>,
    pub ci_url: Option<String>,
    pub tags: String,
    pub display_image: Option<Uuid>,
    pub full_size_image: Option<Uuid>,
    pub uploaded_at: i64,
    pub uploaded_by_kind: String,
    pub uploaded_by_id: Option<Uuid>,
}

impl Row for BuildRow {
    type Item = Build;
    const WHAT: &'static str = "build";

    fn read(self) -> Result<Build, Malformed> {
        let signing = self.signing()?;
        let families: Vec<String> = from_json(&self.families)?;
        Ok(Build {
            id: self.id.try_into()?,
            app: self.app_id.try_into()?,
            version: self.version.parse()?,
            build_number: self.build_number.parse()?,
            display_name: self.display_name,
            minimum_os: self.minimum_os.as_deref().map(str::parse).transpose()?,
            families: families.iter().map(|family| family.parse()).collect::<Result<_, _>>()?,
            supported_devices: self.supported_devices.as_deref().map(from_json).transpose()?,
            capabilities: self.capabilities.as_deref().map(capabilities).transpose()?,
            package: Package {
                sha256: Sha256::from_bytes(&self.package_sha256)?,
                size_bytes: self.package_size_bytes.try_into()?,
                blob: blob(self.package_blob)?,
            },
            executable_uuids: from_json(&self.executable_uuids)?,
            signing,
            findings: from_json(&self.findings)?,
            allowed: from_json(&self.allowed)?,
            provenance: Provenance {
                commit: self.commit_id,
                branch: self.branch,
                pull_request: self.pull_request,
                ci_url: self.ci_url,
                tags: from_json(&self.tags)?,
            },
            icons: Icons {
                display_image: blob(self.display_image)?,
                full_size_image: blob(self.full_size_image)?,
            },
            uploaded_at: Timestamp::from_millis(self.uploaded_at)?,
            uploaded_by: Actor::from_parts(&self.uploaded_by_kind, self.uploaded_by_id)?,
        })
    }
}

impl BuildRow {
    fn signing(&self) -> Result<Option<Signing>, Malformed> {
        let Some(kind) = &self.signing_kind else { return Ok(None) };
        let text = |column: &Option<String>| column.clone().ok_or("a part of its signing is missing");
        let devices = match self.profile_device_count {
            None => DeviceReach::Any,
            Some(count) => DeviceReach::Listed(count.try_into()?),
        };
        Ok(Some(Signing {
            kind: kind.parse()?,
            profile: ProfileSummary {
                name: text(&self.profile_name)?,
                uuid: text(&self.profile_uuid)?,
                expires_at: Timestamp::from_millis(self.profile_expires_at.ok_or("its profile has no end")?)?,
            },
            team: Team { name: text(&self.team_name)?, id: text(&self.team_id)?.parse()? },
            devices,
        }))
    }
}

/// Each by its name, and whether it must be there.
fn capabilities(text: &str) -> Result<Vec<Capability>, Malformed> {
    let pairs: Vec<(String, bool)> = from_json(text)?;
    let capability = |(name, is_present)| {
        let demand = if is_present { Demand::Present } else { Demand::Lacking };
        Capability { name, demand }
    };
    Ok(pairs.into_iter().map(capability).collect())
}

fn pairs(capabilities: &[Capability]) -> Result<String, StoreError> {
    let pair = |one: &Capability| (text(&one.name), one.demand == Demand::Present);
    to_json(&capabilities.iter().map(pair).collect::<Vec<_>>())
}

fn blob(id: Option<Uuid>) -> Result<Option<BlobId>, Malformed> {
    Ok(id.map(BlobId::try_from).transpose()?)
}

impl TryFrom<&Build> for BuildRow {
    type Error = StoreError;

    fn try_from(build: &Build) -> Result<Self, StoreError> {
        let Build { package, provenance, icons, .. } = build;
        let families: Vec<&str> = build.families.iter().copied().map(DeviceFamily::as_str).collect();
        let signing = build.signing.as_ref();
        let device_count = signing.and_then(|signing| match signing.devices {
            DeviceReach::Listed(count) => Some(count.into()),
            DeviceReach::Any => None,
        });
        Ok(Self {
            id: build.id.into(),
            app_id: build.app.into(),
            version: build.version.as_str().to_owned(),
            build_number: build.build_number.as_str().to_owned(),
            display_name: text(&build.display_name),
            minimum_os: build.minimum_os.map(|version| version.to_string()),
            families: to_json(&families)?,
            supported_devices: build.supported_devices.as_ref().map(to_json).transpose()?,
            capabilities: build.capabilities.as_deref().map(pairs).transpose()?,
            package_sha256: package.sha256.as_bytes().to_vec(),
            package_size_bytes: signed(package.size_bytes)?,
            package_blob: package.blob.map(Uuid::from),
            executable_uuids: to_json(&build.executable_uuids)?,
            signing_kind: signing.map(|signing| signing.kind.as_str().to_owned()),
            profile_name: signing.map(|signing| text(&signing.profile.name)),
            profile_uuid: signing.map(|signing| text(&signing.profile.uuid)),
            profile_expires_at: signing.map(|signing| signing.profile.expires_at.as_millis()),
            profile_device_count: device_count,
            team_name: signing.map(|signing| text(&signing.team.name)),
            team_id: signing.map(|signing| signing.team.id.as_str().to_owned()),
            findings: to_json(&build.findings)?,
            allowed: to_json(&build.allowed)?,
            commit_id: optional_text(provenance.commit.as_ref()),
            branch: optional_text(provenance.branch.as_ref()),
            pull_request: optional_text(provenance.pull_request.as_ref()),
            ci_url: optional_text(provenance.ci_url.as_ref()),
            tags: to_json(&provenance.tags)?,
            display_image: icons.display_image.map(Uuid::from),
            full_size_image: icons.full_size_image.map(Uuid::from),
            uploaded_at: build.uploaded_at.as_millis(),
            uploaded_by_kind: build.uploaded_by.kind().to_owned(),
            uploaded_by_id: build.uploaded_by.id(),
        })
    }
}

use uuid::Uuid;

use super::{BuildRow, Malformed, ReleaseRow, Row};
use crate::ReleasedBuild;

/// A release and its build, in one row.
#[expect(missing_docs, reason = "the columns of the tables that it joins")]
#[derive(Clone, Debug)]
pub struct ReleasedRow {
    pub release_id: Uuid,
    pub channel_id: Uuid,
    pub sequence: i64,
    pub notes: String,
    pub released_at: i64,
    pub released_by_kind: String,
    pub released_by_id: Option<Uuid>,
    pub withdrawn_at: Option<i64>,
    pub build_id: Uuid,
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

impl Row for ReleasedRow {
    type Item = ReleasedBuild;
    const WHAT: &'static str = "release";

    fn read(self) -> Result<ReleasedBuild, Malformed> {
        let release = ReleaseRow {
            id: self.release_id,
            channel_id: self.channel_id,
            sequence: self.sequence,
            build_id: self.build_id,
            notes: self.notes,
            released_at: self.released_at,
            released_by_kind: self.released_by_kind,
            released_by_id: self.released_by_id,
            withdrawn_at: self.withdrawn_at,
        };
        let build = BuildRow {
            id: self.build_id,
            app_id: self.app_id,
            version: self.version,
            build_number: self.build_number,
            display_name: self.display_name,
            minimum_os: self.minimum_os,
            families: self.families,
            supported_devices: self.supported_devices,
            capabilities: self.capabilities,
            package_sha256: self.package_sha256,
            package_size_bytes: self.package_size_bytes,
            package_blob: self.package_blob,
            executable_uuids: self.executable_uuids,
            signing_kind: self.signing_kind,
            profile_name: self.profile_name,
            profile_uuid: self.profile_uuid,
            profile_expires_at: self.profile_expires_at,
            profile_device_count: self.profile_device_count,
            team_name: self.team_name,
            team_id: self.team_id,
            findings: self.findings,
            allowed: self.allowed,
            commit_id: self.commit_id,
            branch: self.branch,
            pull_request: self.pull_request,
            ci_url: self.ci_url,
            tags: self.tags,
            display_image: self.display_image,
            full_size_image: self.full_size_image,
            uploaded_at: self.uploaded_at,
            uploaded_by_kind: self.uploaded_by_kind,
            uploaded_by_id: self.uploaded_by_id,
        };
        Ok(ReleasedBuild { release: release.read()?, build: build.read()? })
    }
}

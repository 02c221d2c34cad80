use catalog::ReleasedBuild;
use catalog::row::{BuildRow, Malformed, ReleaseRow, Row};
use uuid::Uuid;

/// A release and its build, in one row.
pub(super) struct ReleasedRow {
    pub(super) release_id: Uuid,
    pub(super) channel_id: Uuid,
    pub(super) sequence: i64,
    pub(super) notes: String,
    pub(super) released_at: i64,
    pub(super) released_by_kind: String,
    pub(super) released_by_id: Option<Uuid>,
    pub(super) withdrawn_at: Option<i64>,
    pub(super) build_id: Uuid,
    pub(super) app_id: Uuid,
    pub(super) version: String,
    pub(super) build_number: String,
    pub(super) display_name: String,
    pub(super) minimum_os: Option<String>,
    pub(super) families: String,
    pub(super) package_sha256: Vec<u8>,
    pub(super) package_size_bytes: i64,
    pub(super) package_blob: Option<Uuid>,
    pub(super) executable_uuids: String,
    pub(super) signing_kind: Option<String>,
    pub(super) profile_name: Option<String>,
    pub(super) profile_uuid: Option<String>,
    pub(super) profile_expires_at: Option<i64>,
    pub(super) profile_device_count: Option<i64>,
    pub(super) team_name: Option<String>,
    pub(super) team_id: Option<String>,
    pub(super) findings: String,
    pub(super) allowed: String,
    pub(super) commit_id: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) pull_request: Option<String>,
    pub(super) ci_url: Option<String>,
    pub(super) tags: String,
    pub(super) display_image: Option<Uuid>,
    pub(super) full_size_image: Option<Uuid>,
    pub(super) uploaded_at: i64,
    pub(super) uploaded_by_kind: String,
    pub(super) uploaded_by_id: Option<Uuid>,
}

macro_rules! select_released {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ReleasedRow,
            "SELECT
                releases.id AS release_id, channel_id, sequence, notes, released_at, released_by_kind,
                released_by_id, withdrawn_at, builds.id AS build_id, app_id, version, build_number,
                display_name, minimum_os, families, package_sha256, package_size_bytes, package_blob,
                executable_uuids, signing_kind, profile_name, profile_uuid, profile_expires_at,
                profile_device_count, team_name, team_id, findings, allowed, commit_id, branch, pull_request,
                ci_url, tags, display_image, full_size_image, uploaded_at, uploaded_by_kind, uploaded_by_id
             FROM releases JOIN builds ON builds.id = releases.build_id " + $rest,
            $($argument),+
        )
    };
}
pub(super) use select_released;

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

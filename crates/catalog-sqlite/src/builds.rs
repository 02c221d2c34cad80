use async_trait::async_trait;
use catalog::{
    Actor, AppId, BlobId, Build, BuildId, Builds, BuildsMut, DeviceReach, Icons, Key, Package, Page,
    PageSize, ProfileSummary, Provenance, Sha256, Signing, StoreError, Team, Timestamp,
};
use ipa::{BuildNumber, DeviceFamily, Version};

use crate::failure::{failed, refused};
use crate::row::{AFTER_ALL, Malformed, Row, from_json, page, signed, to_json};
use crate::session::Session;

struct BuildRow {
    id: Vec<u8>,
    app_id: Vec<u8>,
    version: String,
    build_number: String,
    display_name: String,
    minimum_os: Option<String>,
    families: String,
    package_sha256: Vec<u8>,
    package_size_bytes: i64,
    package_blob: Option<Vec<u8>>,
    executable_uuids: String,
    signing_kind: Option<String>,
    profile_name: Option<String>,
    profile_uuid: Option<String>,
    profile_expires_at: Option<i64>,
    profile_device_count: Option<i64>,
    team_name: Option<String>,
    team_id: Option<String>,
    findings: String,
    allowed: String,
    commit_id: Option<String>,
    branch: Option<String>,
    pull_request: Option<String>,
    ci_url: Option<String>,
    tags: String,
    display_image: Option<Vec<u8>>,
    full_size_image: Option<Vec<u8>>,
    uploaded_at: i64,
    uploaded_by_kind: String,
    uploaded_by_id: Option<Vec<u8>>,
}

macro_rules! select_builds {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            BuildRow,
            "SELECT
                id, app_id, version, build_number, display_name, minimum_os, families, package_sha256,
                package_size_bytes, package_blob, executable_uuids, signing_kind, profile_name, profile_uuid,
                profile_expires_at, profile_device_count, team_name, team_id, findings, allowed, commit_id, branch,
                pull_request, ci_url, tags, display_image, full_size_image, uploaded_at, uploaded_by_kind,
                uploaded_by_id
             FROM builds " + $rest,
            $($argument),+
        )
    };
}

impl Row for BuildRow {
    type Item = Build;
    const WHAT: &'static str = "build";

    fn read(self) -> Result<Build, Malformed> {
        let signing = self.signing()?;
        let families: Vec<String> = from_json(&self.families)?;
        Ok(Build {
            id: BuildId::from_bytes(&self.id)?,
            app: AppId::from_bytes(&self.app_id)?,
            version: self.version.parse()?,
            build_number: self.build_number.parse()?,
            display_name: self.display_name,
            minimum_os: self.minimum_os.as_deref().map(str::parse).transpose()?,
            families: families.iter().map(|family| family.parse()).collect::<Result<_, _>>()?,
            package: Package {
                sha256: Sha256::from_bytes(&self.package_sha256)?,
                size_bytes: self.package_size_bytes.try_into()?,
                blob: blob(self.package_blob.as_deref())?,
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
                display_image: blob(self.display_image.as_deref())?,
                full_size_image: blob(self.full_size_image.as_deref())?,
            },
            uploaded_at: Timestamp::from_millis(self.uploaded_at)?,
            uploaded_by: Actor::from_parts(&self.uploaded_by_kind, self.uploaded_by_id.as_deref())?,
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

fn blob(bytes: Option<&[u8]>) -> Result<Option<BlobId>, Malformed> {
    Ok(bytes.map(BlobId::from_bytes).transpose()?)
}

fn bytes(blob: Option<&BlobId>) -> Option<&[u8]> {
    blob.map(|id| id.as_bytes().as_slice())
}

#[async_trait]
impl Builds for Session {
    async fn find(&mut self, id: BuildId) -> Result<Option<Build>, StoreError> {
        let row = select_builds!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a build"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_package(&mut self, sha256: &Sha256) -> Result<Option<Build>, StoreError> {
        let row = select_builds!("WHERE package_sha256 = ?", sha256.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a build"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        app: AppId,
        before: Option<BuildId>,
        size: PageSize,
    ) -> Result<Page<Build, BuildId>, StoreError> {
        let rows = select_builds!(
            "WHERE app_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            app.as_bytes().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, BuildId::as_bytes).as_slice(),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing builds"))?;
        page(rows, size, |build| build.id)
    }

    async fn list_version(
        &mut self,
        app: AppId,
        version: &Version,
        build_number: &BuildNumber,
        before: Option<BuildId>,
        size: PageSize,
    ) -> Result<Page<Build, BuildId>, StoreError> {
        let rows = select_builds!(
            "WHERE app_id = ? AND version = ? AND build_number = ? AND id < ? ORDER BY id DESC LIMIT ?",
            app.as_bytes().as_slice(),
            version.as_str(),
            build_number.as_str(),
            before.as_ref().map_or(&AFTER_ALL, BuildId::as_bytes).as_slice(),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing builds"))?;
        page(rows, size, |build| build.id)
    }
}

#[async_trait]
impl BuildsMut for Session {
    async fn insert(&mut self, build: &Build) -> Result<(), StoreError> {
        let families: Vec<&str> = build.families.iter().copied().map(DeviceFamily::as_str).collect();
        let signing = build.signing.as_ref();
        let device_count = signing.and_then(|signing| match signing.devices {
            DeviceReach::Listed(count) => Some(count),
            DeviceReach::Any => None,
        });
        let added = sqlx::query!(
            "INSERT INTO builds
                (id, app_id, version, build_number, display_name, minimum_os, families, package_sha256,
                package_size_bytes, package_blob, executable_uuids, signing_kind, profile_name, profile_uuid,
                profile_expires_at, profile_device_count, team_name, team_id, findings, allowed, commit_id, branch,
                pull_request, ci_url, tags, display_image, full_size_image, uploaded_at, uploaded_by_kind,
                uploaded_by_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (package_sha256) DO NOTHING",
            build.id.as_bytes().as_slice(),
            build.app.as_bytes().as_slice(),
            build.version.as_str(),
            build.build_number.as_str(),
            build.display_name,
            build.minimum_os.map(|version| version.to_string()),
            to_json(&families)?,
            build.package.sha256.as_bytes().as_slice(),
            signed(build.package.size_bytes)?,
            bytes(build.package.blob.as_ref()),
            to_json(&build.executable_uuids)?,
            signing.map(|signing| signing.kind.as_str()),
            signing.map(|signing| &signing.profile.name),
            signing.map(|signing| &signing.profile.uuid),
            signing.map(|signing| signing.profile.expires_at.as_millis()),
            device_count,
            signing.map(|signing| &signing.team.name),
            signing.map(|signing| signing.team.id.as_str()),
            to_json(&build.findings)?,
            to_json(&build.allowed)?,
            build.provenance.commit,
            build.provenance.branch,
            build.provenance.pull_request,
            build.provenance.ci_url,
            to_json(&build.provenance.tags)?,
            bytes(build.icons.display_image.as_ref()),
            bytes(build.icons.full_size_image.as_ref()),
            build.uploaded_at.as_millis(),
            build.uploaded_by.kind(),
            build.uploaded_by.id().map(<[u8; 16]>::as_slice),
        )
        .execute(self.connection())
        .await
        .map_err(refused("build"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Package)) } else { Ok(()) }
    }

    async fn drop_package(&mut self, id: BuildId) -> Result<(), StoreError> {
        let id = id.as_bytes().as_slice();
        let changed = sqlx::query!("UPDATE builds SET package_blob = NULL WHERE id = ?", id)
            .execute(self.connection())
            .await
            .map_err(failed("letting go of a package"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("build")) } else { Ok(()) }
    }

    async fn restore_package(&mut self, id: BuildId, blob: BlobId) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE builds SET package_blob = ?1
             WHERE id = ?2 AND EXISTS (SELECT 1 FROM blobs WHERE id = ?1 AND sha256 = package_sha256)",
            blob.as_bytes().as_slice(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("taking a package again"))?;
        if changed.rows_affected() > 0 {
            return Ok(());
        }
        let build = Builds::find(self, id).await?;
        Err(build.map_or(StoreError::Unknown("build"), |_| StoreError::Dangling("build")))
    }
}

use async_trait::async_trait;
use catalog::row::{AFTER_ALL, BuildRow, Row, page};
use catalog::{AppId, BlobId, Build, BuildId, Builds, BuildsMut, Key, Page, PageSize, Sha256, StoreError};
use ipa::{BuildNumber, Version};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_builds {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            BuildRow,
            r#"SELECT
                id AS "id: Uuid", app_id AS "app_id: Uuid", version, build_number, display_name, minimum_os,
                families, supported_devices, capabilities, package_sha256, package_size_bytes, package_blob AS "package_blob: Uuid",
                executable_uuids, signing_kind, profile_name, profile_uuid, profile_expires_at,
                profile_device_count, team_name, team_id, findings, allowed, commit_id, branch, pull_request,
                ci_url, tags, display_image AS "display_image: Uuid",
                full_size_image AS "full_size_image: Uuid", uploaded_at, uploaded_by_kind,
                uploaded_by_id AS "uploaded_by_id: Uuid"
             FROM builds "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Builds for Session {
    async fn find(&mut self, id: BuildId) -> Result<Option<Build>, StoreError> {
        let row = select_builds!("WHERE id = ?", Uuid::from(id))
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
            "WHERE app_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(app),
            before.map_or(AFTER_ALL, Uuid::from),
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
            "WHERE app_id = ? AND version = ? AND build_number = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(app),
            version.as_str(),
            build_number.as_str(),
            before.map_or(AFTER_ALL, Uuid::from),
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
        let row = BuildRow::try_from(build)?;
        let added = sqlx::query!(
            "INSERT INTO builds
                (id, app_id, version, build_number, display_name, minimum_os, families, supported_devices,
                capabilities, package_sha256,
                package_size_bytes, package_blob, executable_uuids, signing_kind, profile_name, profile_uuid,
                profile_expires_at, profile_device_count, team_name, team_id, findings, allowed, commit_id, branch,
                pull_request, ci_url, tags, display_image, full_size_image, uploaded_at, uploaded_by_kind,
                uploaded_by_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (package_sha256) DO NOTHING",
            row.id,
            row.app_id,
            row.version,
            row.build_number,
            row.display_name,
            row.minimum_os,
            row.families,
            row.supported_devices,
            row.capabilities,
            row.package_sha256,
            row.package_size_bytes,
            row.package_blob,
            row.executable_uuids,
            row.signing_kind,
            row.profile_name,
            row.profile_uuid,
            row.profile_expires_at,
            row.profile_device_count,
            row.team_name,
            row.team_id,
            row.findings,
            row.allowed,
            row.commit_id,
            row.branch,
            row.pull_request,
            row.ci_url,
            row.tags,
            row.display_image,
            row.full_size_image,
            row.uploaded_at,
            row.uploaded_by_kind,
            row.uploaded_by_id,
        )
        .execute(self.connection())
        .await
        .map_err(refused("build"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Package)) } else { Ok(()) }
    }

    async fn drop_package(&mut self, id: BuildId) -> Result<(), StoreError> {
        let id = Uuid::from(id);
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
            Uuid::from(blob),
            Uuid::from(id),
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

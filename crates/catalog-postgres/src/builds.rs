use async_trait::async_trait;
use catalog::row::{AFTER_ALL, BuildRow, Row, page};
use catalog::{AppId, BlobId, Build, BuildId, Builds, BuildsMut, Key, Page, PageSize, Sha256, StoreError};
use ipa::{BuildNumber, Version};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_builds {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            BuildRow,
            "SELECT
                id, app_id, version, build_number, display_name, minimum_os,
                families, supported_devices, capabilities, package_sha256, package_size_bytes, package_blob,
                executable_uuids, signing_kind, profile_name, profile_uuid, profile_expires_at,
                profile_device_count, team_name, team_id, findings, allowed, commit_id, branch, pull_request,
                ci_url, tags, display_image,
                full_size_image, uploaded_at, uploaded_by_kind,
                uploaded_by_id
             FROM builds " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Builds for Session {
    async fn find(&mut self, id: BuildId) -> Result<Option<Build>, StoreError> {
        let row = select_builds!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a build"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_package(&mut self, sha256: &Sha256) -> Result<Option<Build>, StoreError> {
        let row = select_builds!("WHERE package_sha256 = $1", sha256.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a build"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        app: AppId,
        before: Option<BuildId>,
        size: PageSize,
    ) -> Result<Page<Build, BuildId>, StoreError> {
        let rows = select_builds!(
            "WHERE app_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            Uuid::from(app),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing builds"))?;
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
            "WHERE app_id = $1 AND version = $2 AND build_number = $3 AND id < $4 ORDER BY id DESC LIMIT $5",
            Uuid::from(app),
            version.as_str(),
            build_number.as_str(),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing builds"))?;
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
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
             ON CONFLICT DO NOTHING",
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
        .map_err(self.refused("build"))?;
        if added.rows_affected() > 0 {
            return Ok(());
        }
        let known = self.find_by_package(&build.package.sha256).await?;
        Err(StoreError::Conflict(if known.is_some() { Key::Package } else { Key::Id }))
    }

    async fn drop_package(&mut self, id: BuildId) -> Result<(), StoreError> {
        let id = Uuid::from(id);
        let changed = sqlx::query!("UPDATE builds SET package_blob = NULL WHERE id = $1", id)
            .execute(self.connection())
            .await
            .map_err(self.failed("letting go of a package"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("build")) } else { Ok(()) }
    }

    async fn restore_package(&mut self, id: BuildId, blob: BlobId) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE builds SET package_blob = $1
             WHERE id = $2 AND EXISTS (SELECT 1 FROM blobs WHERE id = $1 AND sha256 = package_sha256)",
            Uuid::from(blob),
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(self.refused("build"))?;
        if changed.rows_affected() > 0 {
            return Ok(());
        }
        let build = Builds::find(self, id).await?;
        Err(build.map_or(StoreError::Unknown("build"), |_| StoreError::Dangling("build")))
    }
}

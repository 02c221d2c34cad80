use async_trait::async_trait;
use catalog::row::{AFTER_ALL, ChannelPageRow, ReleasedRow, Row, SubjectRow, page};
use catalog::{
    BuildId, ChannelId, ChannelPage, InstallSubject, Installs, Page, PageSize, ReleaseId, ReleasedBuild,
    Sequence, Slug, StoreError, TicketId,
};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_released {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ReleasedRow,
            "SELECT
                releases.id AS release_id, channel_id, sequence, notes, released_at, released_by_kind,
                released_by_id, withdrawn_at, builds.id AS build_id, app_id, version, build_number,
                display_name, minimum_os, families, supported_devices, capabilities, package_sha256, package_size_bytes, package_blob,
                executable_uuids, signing_kind, profile_name, profile_uuid, profile_expires_at,
                profile_device_count, team_name, team_id, findings, allowed, commit_id, branch, pull_request,
                ci_url, tags, display_image, full_size_image, uploaded_at, uploaded_by_kind, uploaded_by_id
             FROM releases JOIN builds ON builds.id = releases.build_id " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Installs for Session {
    async fn subject(
        &mut self,
        ticket: TicketId,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<InstallSubject>, StoreError> {
        let row = sqlx::query_as!(
            SubjectRow,
            r#"SELECT
                $1::uuid AS "ticket_id!", apps.id AS app_id, bundle_id, platform, apps.name AS app_name,
                apps.created_at AS app_created_at, channels.id AS channel_id, channels.name AS channel_name,
                slug, access, visibility, keeps, open_in_house_at, channels.created_at AS channel_created_at,
                closed_at, builds.id AS build_id, version, build_number, display_name, minimum_os, families,
                supported_devices, capabilities, package_sha256, package_size_bytes, package_blob, executable_uuids, signing_kind,
                profile_name, profile_uuid, profile_expires_at, profile_device_count, team_name, team_id,
                findings, allowed, commit_id, branch, pull_request, ci_url, tags, display_image,
                full_size_image, uploaded_at, uploaded_by_kind, uploaded_by_id, release.id AS "release_id?",
                release.sequence AS "sequence?", release.notes AS "notes?",
                release.released_at AS "released_at?", release.released_by_kind AS "released_by_kind?",
                release.released_by_id AS "released_by_id?", release.withdrawn_at AS "withdrawn_at?",
                of_ticket.starts_refused_at AS "ticket_starts_refused_at?",
                of_ticket.running_refused_at AS "ticket_running_refused_at?",
                of_channel.starts_refused_at AS "channel_starts_refused_at?",
                of_channel.running_refused_at AS "channel_running_refused_at?",
                of_build.starts_refused_at AS "build_starts_refused_at?",
                of_build.running_refused_at AS "build_running_refused_at?"
             FROM channels
             JOIN builds ON builds.id = $3 AND builds.app_id = channels.app_id
             JOIN apps ON apps.id = channels.app_id
             LEFT JOIN releases AS release ON release.id = coalesce(
                (
                    SELECT live.id FROM releases AS live
                    WHERE live.channel_id = channels.id AND live.build_id = builds.id AND live.withdrawn_at IS NULL
                    ORDER BY live.sequence DESC LIMIT 1
                ),
                (
                    SELECT withdrawn.id FROM releases AS withdrawn
                    WHERE withdrawn.channel_id = channels.id AND withdrawn.build_id = builds.id
                    ORDER BY withdrawn.sequence DESC LIMIT 1
                )
             )
             LEFT JOIN revocations AS of_ticket
                ON of_ticket.subject_kind = 'ticket' AND of_ticket.subject_id = $1
             LEFT JOIN revocations AS of_channel
                ON of_channel.subject_kind = 'channel' AND of_channel.subject_id = channels.id
             LEFT JOIN revocations AS of_build
                ON of_build.subject_kind = 'build' AND of_build.subject_id = builds.id
             WHERE channels.id = $2"#,
            Uuid::from(ticket),
            Uuid::from(channel),
            Uuid::from(build),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding what a ticket stands for"))?;
        row.map(Row::item).transpose()
    }

    async fn page(&mut self, slug: &Slug) -> Result<Option<ChannelPage>, StoreError> {
        let found = sqlx::query_as!(
            ChannelPageRow,
            "SELECT
                channels.id AS channel_id, channels.name AS channel_name, slug, access, visibility, keeps,
                open_in_house_at, channels.created_at AS channel_created_at, closed_at, apps.id AS app_id, bundle_id,
                platform, apps.name AS app_name, apps.created_at AS app_created_at
             FROM channels JOIN apps ON apps.id = channels.app_id WHERE slug = $1",
            slug.as_str(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding a page"))?;
        found.map(Row::item).transpose()
    }

    async fn released_build(
        &mut self,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<ReleasedBuild>, StoreError> {
        let row = select_released!(
            "WHERE channel_id = $1 AND build_id = $2 AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            Uuid::from(channel),
            Uuid::from(build)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding a build's release"))?;
        row.map(Row::item).transpose()
    }

    async fn released(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, Sequence>, StoreError> {
        let rows = select_released!(
            "WHERE channel_id = $1 AND sequence < $2 AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT $3",
            Uuid::from(channel),
            before.map_or(i64::MAX, Sequence::number),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing releases"))?;
        page(rows, size, |released| released.release.sequence)
    }

    async fn newest(
        &mut self,
        before: Option<ReleaseId>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, ReleaseId>, StoreError> {
        let rows = select_released!(
            "WHERE releases.id < $1 ORDER BY releases.id DESC LIMIT $2",
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing the newest releases"))?;
        page(rows, size, |released| released.release.id)
    }
}

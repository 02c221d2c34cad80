use async_trait::async_trait;
use catalog::row::{AFTER_ALL, AttemptRow, Row, page, text};
use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptProgress, AttemptStart, Attempts, AttemptsMut, BuildId,
    ChannelId, Key, Page, PageSize, Revocation, StoreError, TicketId, Timestamp,
};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_attempts {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AttemptRow,
            r#"SELECT
                id AS "id: Uuid", ticket_id AS "ticket_id: Uuid", channel_id AS "channel_id: Uuid",
                build_id AS "build_id: Uuid", model, os_version, os_build, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks, findings
             FROM attempts "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Attempts for Session {
    async fn find(&mut self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        let row = select_attempts!("WHERE id = ?", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding an attempt"))?;
        row.map(Row::item).transpose()
    }

    async fn latest(
        &mut self,
        ticket: TicketId,
        device: &AttemptDevice,
    ) -> Result<Option<Attempt>, StoreError> {
        let row = select_attempts!(
            "WHERE ticket_id = ? AND model = ? AND os_build = ? ORDER BY ordinal DESC LIMIT 1",
            Uuid::from(ticket),
            text(&device.model),
            text(&device.os_build)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding an attempt"))?;
        row.map(Row::item).transpose()
    }

    async fn list_ticket(
        &mut self,
        ticket: TicketId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE ticket_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(ticket),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }

    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE build_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(build),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }

    async fn list_channel(
        &mut self,
        channel: ChannelId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE channel_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(channel),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }
}

#[async_trait]
impl AttemptsMut for Session {
    async fn open(&mut self, start: &AttemptStart) -> Result<Result<Attempt, Revocation>, StoreError> {
        let AttemptStart { attempt, issued_at, .. } = start;
        if let Some(opened) = self.open_unless_refused(start).await? {
            return Ok(Ok(opened));
        }
        let revocations = self.of_ticket(attempt.ticket, attempt.channel, attempt.build).await?;
        revocations
            .refuses_start(*issued_at)
            .map(|revocation| Err(*revocation))
            .ok_or(StoreError::Conflict(Key::Id))
    }

    async fn merge(&mut self, batch: &[AttemptProgress]) -> Result<Vec<Attempt>, StoreError> {
        let mut merged = Vec::new();
        for AttemptProgress { attempt, progress } in AttemptProgress::combined(batch) {
            let Some(mut attempt) = Attempts::find(self, attempt).await? else { continue };
            let before = attempt.progress.clone();
            attempt.progress.merge(&progress);
            if attempt.progress != before {
                self.save_progress(&attempt).await?;
            }
            merged.push(attempt);
        }
        Ok(merged)
    }

    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError> {
        // What was served until before then was begun before then.
        let removed = sqlx::query!(
            "DELETE FROM attempts WHERE id IN (
                SELECT id FROM attempts WHERE id < ? AND served_until < ? ORDER BY id LIMIT +?
             )",
            Uuid::from(AttemptId::new(before, [0; 10])),
            before.as_millis(),
            i64::from(limit),
        )
        .execute(self.connection())
        .await
        .map_err(failed("removing old attempts"))?;
        Ok(removed.rows_affected())
    }
}

impl Session {
    /// The attempt of its ticket and device that still goes on, or this one, added; `None` where a revocation keeps it
    /// from starting, or its id is taken.
    ///
    /// One statement, for the sake of manifests. What goes on is put in once more and meets itself, since only what an
    /// `INSERT` has touched can be returned by it.
    async fn open_unless_refused(&mut self, start: &AttemptStart) -> Result<Option<Attempt>, StoreError> {
        let row = AttemptRow::try_from(&start.attempt)?;
        let opened = sqlx::query_as!(
            AttemptRow,
            r#"WITH running AS NOT MATERIALIZED (
                SELECT * FROM attempts
                WHERE last_seen_at >= ?17 AND id = (
                    SELECT id FROM attempts
                    WHERE ticket_id = ?2 AND model = ?5 AND os_build = ?7 ORDER BY ordinal DESC LIMIT 1
                )
             )
             INSERT INTO attempts
                (id, ticket_id, channel_id, build_id, model, os_version, os_build, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks, findings, ordinal)
             SELECT
                ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?19,
                (SELECT coalesce(max(ordinal), 0) + 1 FROM attempts
                    WHERE ticket_id = ?2 AND model = ?5 AND os_build = ?7)
             WHERE NOT EXISTS (SELECT 1 FROM running)
                AND NOT EXISTS (
                    SELECT 1 FROM revocations
                    WHERE subject_kind = 'ticket' AND subject_id = ?2 AND starts_refused_at >= ?18
                )
                AND NOT EXISTS (
                    SELECT 1 FROM revocations
                    WHERE subject_kind = 'channel' AND subject_id = ?3 AND starts_refused_at >= ?18
                )
                AND NOT EXISTS (
                    SELECT 1 FROM revocations
                    WHERE subject_kind = 'build' AND subject_id = ?4 AND starts_refused_at >= ?18
                )
             UNION ALL
             SELECT
                id, ticket_id, channel_id, build_id, model, os_version, os_build, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks, findings, ordinal
             FROM running WHERE TRUE
             ON CONFLICT (id) DO UPDATE SET id = excluded.id WHERE ticket_id = excluded.ticket_id
             RETURNING
                id AS "id!: Uuid", ticket_id AS "ticket_id!: Uuid", channel_id AS "channel_id!: Uuid",
                build_id AS "build_id!: Uuid", model AS "model!", os_version AS "os_version!",
                os_build AS "os_build!", started_at AS "started_at!: i64", served_until AS "served_until!: i64",
                last_seen_at AS "last_seen_at!: i64", manifest_at AS "manifest_at: i64", icon_at AS "icon_at: i64",
                size_asked_at AS "size_asked_at: i64", package_first_at AS "package_first_at: i64",
                all_sent_at AS "all_sent_at: i64", blocks AS "blocks!",
                findings AS "findings!""#,
            row.id,
            row.ticket_id,
            row.channel_id,
            row.build_id,
            row.model,
            row.os_version,
            row.os_build,
            row.started_at,
            row.served_until,
            row.last_seen_at,
            row.manifest_at,
            row.icon_at,
            row.size_asked_at,
            row.package_first_at,
            row.all_sent_at,
            row.blocks,
            start.silent_since.as_millis(),
            start.issued_at.as_millis(),
            row.findings,
        )
        .fetch_optional(self.connection())
        .await
        .map_err(refused("attempt"))?;
        opened.map(Row::item).transpose()
    }

    async fn save_progress(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let row = AttemptRow::try_from(attempt)?;
        sqlx::query!(
            "UPDATE attempts SET
                last_seen_at = ?, manifest_at = ?, icon_at = ?, size_asked_at = ?, package_first_at = ?,
                all_sent_at = ?, blocks = ?
             WHERE id = ?",
            row.last_seen_at,
            row.manifest_at,
            row.icon_at,
            row.size_asked_at,
            row.package_first_at,
            row.all_sent_at,
            row.blocks,
            row.id,
        )
        .execute(self.connection())
        .await
        .map_err(failed("adding to an attempt"))?;
        Ok(())
    }
}

use std::collections::HashMap;

use async_trait::async_trait;
use catalog::row::{AFTER_ALL, AttemptRow, Row, page, text};
use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptProgress, AttemptStart, Attempts, AttemptsMut, BuildId,
    ChannelId, Key, Page, PageSize, Revocation, StoreError, TicketId, Timestamp,
};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_attempts {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AttemptRow,
            "SELECT
                id, ticket_id, channel_id,
                build_id, model, os_version, os_build, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks, findings
             FROM attempts " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Attempts for Session {
    async fn find(&mut self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        let row = select_attempts!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding an attempt"))?;
        row.map(Row::item).transpose()
    }

    async fn latest(
        &mut self,
        ticket: TicketId,
        device: &AttemptDevice,
    ) -> Result<Option<Attempt>, StoreError> {
        let row = select_attempts!(
            "WHERE ticket_id = $1 AND model = $2 AND os_build = $3 ORDER BY ordinal DESC LIMIT 1",
            Uuid::from(ticket),
            text(&device.model),
            text(&device.os_build)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding an attempt"))?;
        row.map(Row::item).transpose()
    }

    async fn list_ticket(
        &mut self,
        ticket: TicketId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE ticket_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            Uuid::from(ticket),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }

    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE build_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            Uuid::from(build),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }

    async fn list_channel(
        &mut self,
        channel: ChannelId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError> {
        let rows = select_attempts!(
            "WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            Uuid::from(channel),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing attempts"))?;
        page(rows, size, |attempt| attempt.id)
    }
}

#[async_trait]
impl AttemptsMut for Session {
    async fn open(&mut self, start: &AttemptStart) -> Result<Result<Attempt, Revocation>, StoreError> {
        let AttemptStart { attempt, issued_at, .. } = start;
        loop {
            if let Some(opened) = self.open_unless_refused(start).await? {
                return Ok(Ok(opened));
            }
            let revocations = self.of_ticket(attempt.ticket, attempt.channel, attempt.build).await?;
            if let Some(revocation) = revocations.refuses_start(*issued_at) {
                return Ok(Err(*revocation));
            }
            if Attempts::find(self, attempt.id).await?.is_some() {
                return Err(StoreError::Conflict(Key::Id));
            }
            // What kept it out has come to its end: a unit that opened the same, or a revocation that was lifted.
        }
    }

    async fn merge(&mut self, batch: &[AttemptProgress]) -> Result<Vec<Attempt>, StoreError> {
        let additions = AttemptProgress::combined(batch);
        let ids: Vec<Uuid> = additions.iter().map(|addition| addition.attempt.into()).collect();
        // In the order of ids, so that two batches don't wait for each other in a circle.
        let rows = select_attempts!("WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", &ids)
            .fetch_all(self.connection())
            .await
            .map_err(self.failed("finding attempts"))?;
        let known = rows.into_iter().map(Row::item).collect::<Result<Vec<Attempt>, _>>()?;
        let mut known: HashMap<AttemptId, Attempt> =
            known.into_iter().map(|attempt| (attempt.id, attempt)).collect();
        let (mut merged, mut changed) = (Vec::new(), Vec::new());
        for AttemptProgress { attempt, progress } in additions {
            let Some(mut attempt) = known.remove(&attempt) else { continue };
            let before = attempt.progress.clone();
            attempt.progress.merge(&progress);
            if attempt.progress != before {
                changed.push(AttemptRow::try_from(&attempt)?);
            }
            merged.push(attempt);
        }
        if !changed.is_empty() {
            self.save_progress(changed).await?;
        }
        Ok(merged)
    }

    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError> {
        // What was served until before then was begun before then.
        let removed = sqlx::query!(
            "DELETE FROM attempts WHERE id = ANY(ARRAY(
                SELECT id FROM attempts WHERE id < $1 AND served_until < $2 ORDER BY id LIMIT $3
             ))",
            Uuid::from(AttemptId::new(before, [0; 10])),
            before.as_millis(),
            i64::from(limit),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("removing old attempts"))?;
        Ok(removed.rows_affected())
    }
}

impl Session {
    /// The attempt of its ticket and device that still goes on, or this one, added; `None` where a revocation keeps it
    /// from starting, its id is taken, or another unit was opening one at that moment.
    ///
    /// One statement, for the sake of manifests. It sees every revocation that was committed before it began, and
    /// whoever revokes waits for it to end (see there), so of the two one always knows of the other.
    async fn open_unless_refused(&mut self, start: &AttemptStart) -> Result<Option<Attempt>, StoreError> {
        let row = AttemptRow::try_from(&start.attempt)?;
        let opened = sqlx::query_as!(
            AttemptRow,
            r#"WITH latest AS (
                SELECT * FROM attempts
                WHERE ticket_id = $2 AND model = $5 AND os_build = $7 ORDER BY ordinal DESC LIMIT 1
             ),
             added AS (
                INSERT INTO attempts
                    (id, ticket_id, channel_id, build_id, model, os_version, os_build, ordinal, started_at, served_until,
                    last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks, findings)
                SELECT
                    $1, $2, $3, $4, $5, $6, $7, coalesce((SELECT ordinal FROM latest), 0) + 1, $8, $9, $10, $11, $12,
                    $13, $14, $15, $16, $19
                WHERE NOT EXISTS (SELECT 1 FROM latest WHERE last_seen_at >= $17)
                    AND NOT EXISTS (
                        SELECT 1 FROM revocations
                        WHERE subject_kind = 'ticket' AND subject_id = $2 AND starts_refused_at >= $18
                    )
                    AND NOT EXISTS (
                        SELECT 1 FROM revocations
                        WHERE subject_kind = 'channel' AND subject_id = $3 AND starts_refused_at >= $18
                    )
                    AND NOT EXISTS (
                        SELECT 1 FROM revocations
                        WHERE subject_kind = 'build' AND subject_id = $4 AND starts_refused_at >= $18
                    )
                ON CONFLICT DO NOTHING
                RETURNING *
             )
             SELECT
                id AS "id!", ticket_id AS "ticket_id!", channel_id AS "channel_id!", build_id AS "build_id!",
                model AS "model!", os_version AS "os_version!", os_build AS "os_build!", started_at AS "started_at!",
                served_until AS "served_until!", last_seen_at AS "last_seen_at!", manifest_at, icon_at, size_asked_at,
                package_first_at, all_sent_at, blocks AS "blocks!", findings AS "findings!"
             FROM (SELECT * FROM latest WHERE last_seen_at >= $17 UNION ALL SELECT * FROM added) AS opened"#,
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
        .map_err(self.refused("attempt"))?;
        opened.map(Row::item).transpose()
    }

    async fn save_progress(&mut self, changed: Vec<AttemptRow>) -> Result<(), StoreError> {
        let mut columns = Columns::default();
        for row in changed {
            columns.id.push(row.id);
            columns.last_seen_at.push(row.last_seen_at);
            columns.manifest_at.push(row.manifest_at);
            columns.icon_at.push(row.icon_at);
            columns.size_asked_at.push(row.size_asked_at);
            columns.package_first_at.push(row.package_first_at);
            columns.all_sent_at.push(row.all_sent_at);
            columns.blocks.push(row.blocks);
        }
        sqlx::query!(
            "UPDATE attempts SET
                last_seen_at = news.last_seen_at, manifest_at = news.manifest_at, icon_at = news.icon_at,
                size_asked_at = news.size_asked_at, package_first_at = news.package_first_at,
                all_sent_at = news.all_sent_at, blocks = news.blocks
             FROM unnest(
                $1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                $8::bytea[]
             ) AS news (
                id, last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks
             )
             WHERE attempts.id = news.id",
            &columns.id,
            &columns.last_seen_at,
            &columns.manifest_at as &[Option<i64>],
            &columns.icon_at as &[Option<i64>],
            &columns.size_asked_at as &[Option<i64>],
            &columns.package_first_at as &[Option<i64>],
            &columns.all_sent_at as &[Option<i64>],
            &columns.blocks,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("adding to attempts"))?;
        Ok(())
    }
}

/// What changes of many attempts, column by column, so that one statement writes them.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    last_seen_at: Vec<i64>,
    manifest_at: Vec<Option<i64>>,
    icon_at: Vec<Option<i64>>,
    size_asked_at: Vec<Option<i64>>,
    package_first_at: Vec<Option<i64>>,
    all_sent_at: Vec<Option<i64>>,
    blocks: Vec<Vec<u8>>,
}

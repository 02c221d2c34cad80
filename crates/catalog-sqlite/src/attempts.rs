use std::collections::HashMap;

use async_trait::async_trait;
use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptProgress, Attempts, AttemptsMut, Blocks, BuildId, ChannelId,
    Page, PageSize, Progress, StoreError, TicketId, Timestamp,
};

use crate::failure::{failed, refused};
use crate::row::{AFTER_ALL, Malformed, Row, millis, moment, page};
use crate::session::Session;

struct AttemptRow {
    id: Vec<u8>,
    ticket_id: Vec<u8>,
    channel_id: Vec<u8>,
    build_id: Vec<u8>,
    model: String,
    os_version: String,
    os_build: String,
    started_at: i64,
    served_until: i64,
    last_seen_at: i64,
    manifest_at: Option<i64>,
    icon_at: Option<i64>,
    size_asked_at: Option<i64>,
    package_first_at: Option<i64>,
    all_sent_at: Option<i64>,
    blocks: Vec<u8>,
}

macro_rules! select_attempts {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AttemptRow,
            "SELECT
                id, ticket_id, channel_id, build_id, model, os_version, os_build, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks
             FROM attempts " + $rest,
            $($argument),+
        )
    };
}

impl Row for AttemptRow {
    type Item = Attempt;
    const WHAT: &'static str = "attempt";

    fn read(self) -> Result<Attempt, Malformed> {
        Ok(Attempt {
            id: AttemptId::from_bytes(&self.id)?,
            ticket: TicketId::from_bytes(&self.ticket_id)?,
            channel: ChannelId::from_bytes(&self.channel_id)?,
            build: BuildId::from_bytes(&self.build_id)?,
            device: AttemptDevice { model: self.model, os_version: self.os_version, os_build: self.os_build },
            started_at: Timestamp::from_millis(self.started_at)?,
            served_until: Timestamp::from_millis(self.served_until)?,
            progress: Progress {
                last_seen_at: Timestamp::from_millis(self.last_seen_at)?,
                manifest_at: moment(self.manifest_at)?,
                icon_at: moment(self.icon_at)?,
                size_asked_at: moment(self.size_asked_at)?,
                package_first_at: moment(self.package_first_at)?,
                all_sent_at: moment(self.all_sent_at)?,
                blocks: Blocks::from_bytes(self.blocks),
            },
        })
    }
}

#[async_trait]
impl Attempts for Session {
    async fn find(&mut self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        let row = select_attempts!("WHERE id = ?", id.as_bytes().as_slice())
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
            ticket.as_bytes().as_slice(),
            device.model,
            device.os_build
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
            "WHERE ticket_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            ticket.as_bytes().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, AttemptId::as_bytes).as_slice(),
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
            "WHERE build_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            build.as_bytes().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, AttemptId::as_bytes).as_slice(),
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
            "WHERE channel_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            channel.as_bytes().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, AttemptId::as_bytes).as_slice(),
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
    async fn open(&mut self, attempt: &Attempt, silent_since: Timestamp) -> Result<Attempt, StoreError> {
        let latest = self.latest(attempt.ticket, &attempt.device).await?;
        if let Some(running) = latest.filter(|latest| latest.progress.last_seen_at >= silent_since) {
            return Ok(running);
        }
        let progress = &attempt.progress;
        sqlx::query!(
            "INSERT INTO attempts
                (id, ticket_id, channel_id, build_id, model, os_version, os_build, ordinal, started_at, served_until,
                last_seen_at, manifest_at, icon_at, size_asked_at, package_first_at, all_sent_at, blocks)
             VALUES (
                ?1, ?2, ?3, ?4, ?5, ?6, ?7,
                (SELECT coalesce(max(ordinal), 0) + 1 FROM attempts
                    WHERE ticket_id = ?2 AND model = ?5 AND os_build = ?7),
                ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            attempt.id.as_bytes().as_slice(),
            attempt.ticket.as_bytes().as_slice(),
            attempt.channel.as_bytes().as_slice(),
            attempt.build.as_bytes().as_slice(),
            attempt.device.model,
            attempt.device.os_version,
            attempt.device.os_build,
            attempt.started_at.as_millis(),
            attempt.served_until.as_millis(),
            progress.last_seen_at.as_millis(),
            millis(progress.manifest_at),
            millis(progress.icon_at),
            millis(progress.size_asked_at),
            millis(progress.package_first_at),
            millis(progress.all_sent_at),
            progress.blocks.as_bytes(),
        )
        .execute(self.connection())
        .await
        .map_err(refused("attempt"))?;
        Ok(attempt.clone())
    }

    async fn merge(&mut self, batch: &[AttemptProgress]) -> Result<Vec<Attempt>, StoreError> {
        let mut merged = Vec::new();
        for AttemptProgress { attempt, progress } in combined(batch) {
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
}

impl Session {
    async fn save_progress(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let progress = &attempt.progress;
        sqlx::query!(
            "UPDATE attempts SET
                last_seen_at = ?, manifest_at = ?, icon_at = ?, size_asked_at = ?, package_first_at = ?,
                all_sent_at = ?, blocks = ?
             WHERE id = ?",
            progress.last_seen_at.as_millis(),
            millis(progress.manifest_at),
            millis(progress.icon_at),
            millis(progress.size_asked_at),
            millis(progress.package_first_at),
            millis(progress.all_sent_at),
            progress.blocks.as_bytes(),
            attempt.id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("adding to an attempt"))?;
        Ok(())
    }
}

/// What a batch adds to each attempt, so that each row is read and written once.
fn combined(batch: &[AttemptProgress]) -> Vec<AttemptProgress> {
    let mut combined: Vec<AttemptProgress> = Vec::new();
    let mut places = HashMap::new();
    for item in batch {
        let place = *places.entry(item.attempt).or_insert(combined.len());
        match combined.get_mut(place) {
            Some(known) => known.progress.merge(&item.progress),
            None => combined.push(item.clone()),
        }
    }
    combined
}

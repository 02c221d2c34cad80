use async_trait::async_trait;
use catalog::row::{AFTER_ALL, ReleaseRow, Row, page};
use catalog::{
    BuildId, ChannelId, NewRelease, Page, PageSize, Release, ReleaseId, Releases, ReleasesMut, Sequence,
    StoreError, Timestamp,
};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_releases {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ReleaseRow,
            r#"SELECT
                id AS "id: Uuid", channel_id AS "channel_id: Uuid", sequence, build_id AS "build_id: Uuid",
                notes, released_at, released_by_kind, released_by_id AS "released_by_id: Uuid", withdrawn_at
             FROM releases "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Releases for Session {
    async fn find(&mut self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!("WHERE id = ?", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a release"))?;
        row.map(Row::item).transpose()
    }

    async fn current(&mut self, channel: ChannelId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!(
            "WHERE channel_id = ? AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            Uuid::from(channel)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding the current release"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<Release, Sequence>, StoreError> {
        let rows = select_releases!(
            "WHERE channel_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT +?",
            Uuid::from(channel),
            before.map_or(i64::MAX, Sequence::number),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing releases"))?;
        page(rows, size, |release| release.sequence)
    }

    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<ReleaseId>,
        size: PageSize,
    ) -> Result<Page<Release, ReleaseId>, StoreError> {
        let rows = select_releases!(
            "WHERE build_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            Uuid::from(build),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing releases"))?;
        page(rows, size, |release| release.id)
    }
}

#[async_trait]
impl ReleasesMut for Session {
    async fn insert(&mut self, release: &NewRelease) -> Result<Release, StoreError> {
        let number = sqlx::query_scalar!(
            "UPDATE channels SET last_sequence = last_sequence + 1 WHERE id = ? RETURNING last_sequence",
            Uuid::from(release.channel)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("placing a release"))?
        .ok_or(StoreError::Dangling("release"))?;
        let sequence =
            Sequence::new(number).map_err(|error| StoreError::Corrupt("channel's sequence", error.into()))?;
        let placed = release.placed(sequence);
        let row = ReleaseRow::from(&placed);
        sqlx::query!(
            "INSERT INTO releases
                (id, channel_id, sequence, build_id, notes, released_at, released_by_kind, released_by_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row.id,
            row.channel_id,
            row.sequence,
            row.build_id,
            row.notes,
            row.released_at,
            row.released_by_kind,
            row.released_by_id,
        )
        .execute(self.connection())
        .await
        .map_err(refused("release"))?;
        Ok(placed)
    }

    async fn withdraw(&mut self, id: ReleaseId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE releases SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?",
            at.as_millis(),
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(failed("withdrawing a release"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("release")) } else { Ok(()) }
    }
}

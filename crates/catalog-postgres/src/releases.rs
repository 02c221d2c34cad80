use async_trait::async_trait;
use catalog::row::{AFTER_ALL, ReleaseRow, Row, page};
use catalog::{
    BuildId, ChannelId, Key, NewRelease, Page, PageSize, Release, ReleaseId, Releases, ReleasesMut, Sequence,
    StoreError, Timestamp,
};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_releases {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ReleaseRow,
            "SELECT
                id, channel_id, sequence, build_id,
                notes, released_at, released_by_kind, released_by_id, withdrawn_at
             FROM releases " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Releases for Session {
    async fn find(&mut self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a release"))?;
        row.map(Row::item).transpose()
    }

    async fn current(&mut self, channel: ChannelId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!(
            "WHERE channel_id = $1 AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            Uuid::from(channel)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding the current release"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<Release, Sequence>, StoreError> {
        let rows = select_releases!(
            "WHERE channel_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
            Uuid::from(channel),
            before.map_or(i64::MAX, Sequence::number),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing releases"))?;
        page(rows, size, |release| release.sequence)
    }

    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<ReleaseId>,
        size: PageSize,
    ) -> Result<Page<Release, ReleaseId>, StoreError> {
        let rows = select_releases!(
            "WHERE build_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            Uuid::from(build),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing releases"))?;
        page(rows, size, |release| release.id)
    }
}

#[async_trait]
impl ReleasesMut for Session {
    async fn insert(&mut self, release: &NewRelease) -> Result<Release, StoreError> {
        // From here to the end of the unit nobody else is given a place on this channel.
        let number = sqlx::query_scalar!(
            "UPDATE channels SET last_sequence = last_sequence + 1 WHERE id = $1 RETURNING last_sequence",
            Uuid::from(release.channel)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("placing a release"))?
        .ok_or(StoreError::Dangling("release"))?;
        let sequence =
            Sequence::new(number).map_err(|error| StoreError::Corrupt("channel's sequence", error.into()))?;
        let placed = release.placed(sequence);
        let row = ReleaseRow::from(&placed);
        let added = sqlx::query!(
            "INSERT INTO releases
                (id, channel_id, sequence, build_id, notes, released_at, released_by_kind, released_by_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
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
        .map_err(self.refused("release"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Id)) } else { Ok(placed) }
    }

    async fn withdraw(&mut self, id: ReleaseId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE releases SET withdrawn_at = coalesce(withdrawn_at, $1) WHERE id = $2",
            at.as_millis(),
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("withdrawing a release"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("release")) } else { Ok(()) }
    }
}

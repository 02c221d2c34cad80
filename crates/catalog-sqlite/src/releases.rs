use async_trait::async_trait;
use catalog::{
    Actor, BuildId, ChannelId, NewRelease, Page, PageSize, Release, ReleaseId, Releases, ReleasesMut,
    Sequence, StoreError, Timestamp,
};

use crate::failure::{failed, refused};
use crate::row::{AFTER_ALL, Malformed, Row, moment, page};
use crate::session::Session;

struct ReleaseRow {
    id: Vec<u8>,
    channel_id: Vec<u8>,
    sequence: i64,
    build_id: Vec<u8>,
    notes: String,
    released_at: i64,
    released_by_kind: String,
    released_by_id: Option<Vec<u8>>,
    withdrawn_at: Option<i64>,
}

macro_rules! select_releases {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ReleaseRow,
            "SELECT
                id, channel_id, sequence, build_id, notes, released_at, released_by_kind, released_by_id, withdrawn_at
             FROM releases " + $rest,
            $($argument),+
        )
    };
}

impl Row for ReleaseRow {
    type Item = Release;
    const WHAT: &'static str = "release";

    fn read(self) -> Result<Release, Malformed> {
        Ok(Release {
            id: ReleaseId::from_bytes(&self.id)?,
            channel: ChannelId::from_bytes(&self.channel_id)?,
            sequence: Sequence::new(self.sequence)?,
            build: BuildId::from_bytes(&self.build_id)?,
            notes: self.notes,
            released_at: Timestamp::from_millis(self.released_at)?,
            released_by: Actor::from_parts(&self.released_by_kind, self.released_by_id.as_deref())?,
            withdrawn_at: moment(self.withdrawn_at)?,
        })
    }
}

#[async_trait]
impl Releases for Session {
    async fn find(&mut self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a release"))?;
        row.map(Row::item).transpose()
    }

    async fn current(&mut self, channel: ChannelId) -> Result<Option<Release>, StoreError> {
        let row = select_releases!(
            "WHERE channel_id = ? AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            channel.as_bytes().as_slice()
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding the current release"))?;
        row.map(Row::item).transpose()
    }

    async fn latest_of(&mut self, channel: ChannelId, build: BuildId) -> Result<Option<Release>, StoreError> {
        let live = select_releases!(
            "WHERE channel_id = ? AND build_id = ? AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            channel.as_bytes().as_slice(),
            build.as_bytes().as_slice()
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding a build's release"))?;
        let row = match live {
            Some(live) => Some(live),
            None => select_releases!(
                "WHERE channel_id = ? AND build_id = ? ORDER BY sequence DESC LIMIT 1",
                channel.as_bytes().as_slice(),
                build.as_bytes().as_slice()
            )
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a build's release"))?,
        };
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<Release, Sequence>, StoreError> {
        let rows = select_releases!(
            "WHERE channel_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
            channel.as_bytes().as_slice(),
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
            "WHERE build_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            build.as_bytes().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, ReleaseId::as_bytes).as_slice(),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing releases"))?;
        page(rows, size, |release| release.id)
    }
}

impl Session {
    /// The releases of a channel that were not withdrawn, greatest sequence first, one more than fit.
    pub(crate) async fn live_releases(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Vec<Release>, StoreError> {
        let rows = select_releases!(
            "WHERE channel_id = ? AND sequence < ? AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT ?",
            channel.as_bytes().as_slice(),
            before.map_or(i64::MAX, Sequence::number),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing releases"))?;
        rows.into_iter().map(Row::item).collect()
    }
}

#[async_trait]
impl ReleasesMut for Session {
    async fn insert(&mut self, release: &NewRelease) -> Result<Release, StoreError> {
        let channel = release.channel.as_bytes().as_slice();
        let sequence = sqlx::query_scalar!(
            "UPDATE channels SET last_sequence = last_sequence + 1 WHERE id = ? RETURNING last_sequence",
            channel
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("placing a release"))?;
        let number = sequence.ok_or(StoreError::Dangling("release"))?;
        sqlx::query!(
            "INSERT INTO releases
                (id, channel_id, sequence, build_id, notes, released_at, released_by_kind, released_by_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            release.id.as_bytes().as_slice(),
            channel,
            number,
            release.build.as_bytes().as_slice(),
            release.notes,
            release.released_at.as_millis(),
            release.released_by.kind(),
            release.released_by.id().map(<[u8; 16]>::as_slice),
        )
        .execute(self.connection())
        .await
        .map_err(refused("release"))?;
        let sequence =
            Sequence::new(number).map_err(|error| StoreError::Corrupt("channel's sequence", error.into()))?;
        Ok(release.placed(sequence))
    }

    async fn withdraw(&mut self, id: ReleaseId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE releases SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?",
            at.as_millis(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("withdrawing a release"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("release")) } else { Ok(()) }
    }
}

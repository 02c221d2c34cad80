use std::num::NonZeroU32;

use async_trait::async_trait;
use catalog::{
    AppId, Channel, ChannelCursor, ChannelId, Channels, ChannelsMut, Key, Name, Page, PageSize, Slug,
    StoreError, Timestamp,
};

use crate::failure::{failed, refused};
use crate::row::{BEFORE_ALL, Malformed, Row, millis, moment, page};
use crate::session::Session;

struct ChannelRow {
    id: Vec<u8>,
    app_id: Vec<u8>,
    name: String,
    slug: String,
    access: String,
    visibility: String,
    keeps: Option<i64>,
    open_in_house_at: Option<i64>,
    created_at: i64,
    closed_at: Option<i64>,
}

macro_rules! select_channels {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ChannelRow,
            "SELECT id, app_id, name, slug, access, visibility, keeps, open_in_house_at, created_at, closed_at
             FROM channels " + $rest,
            $($argument),+
        )
    };
}

impl Row for ChannelRow {
    type Item = Channel;
    const WHAT: &'static str = "channel";

    fn read(self) -> Result<Channel, Malformed> {
        let keeps = self.keeps.map(|keeps| u32::try_from(keeps).and_then(NonZeroU32::try_from));
        Ok(Channel {
            id: ChannelId::from_bytes(&self.id)?,
            app: AppId::from_bytes(&self.app_id)?,
            name: Name::parse(&self.name)?,
            slug: self.slug.parse()?,
            access: self.access.parse()?,
            visibility: self.visibility.parse()?,
            keeps: keeps.transpose()?,
            open_in_house_at: moment(self.open_in_house_at)?,
            created_at: Timestamp::from_millis(self.created_at)?,
            closed_at: moment(self.closed_at)?,
        })
    }
}

fn cursor(channel: &Channel) -> ChannelCursor {
    ChannelCursor { name_key: channel.name.key(), id: channel.id }
}

#[async_trait]
impl Channels for Session {
    async fn find(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_name(&mut self, app: AppId, name: &Name) -> Result<Option<Channel>, StoreError> {
        let row =
            select_channels!("WHERE app_id = ? AND name_key = ?", app.as_bytes().as_slice(), name.key())
                .fetch_optional(self.connection())
                .await
                .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_slug(&mut self, slug: &Slug) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE slug = ?", slug.as_str())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        app: AppId,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        // Names are unique within an app, so the id never decides.
        let rows = select_channels!(
            "WHERE app_id = ? AND name_key > ? ORDER BY name_key LIMIT ?",
            app.as_bytes().as_slice(),
            after.map_or("", |cursor| &cursor.name_key),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing channels"))?;
        page(rows, size, cursor)
    }

    async fn list_listed(
        &mut self,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        let rows = select_channels!(
            "WHERE visibility = 'listed' AND closed_at IS NULL AND (name_key, id) > (?, ?)
             ORDER BY name_key, id LIMIT ?",
            after.map_or("", |cursor| &cursor.name_key),
            after.map_or(&BEFORE_ALL, |cursor| cursor.id.as_bytes()).as_slice(),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing channels"))?;
        page(rows, size, cursor)
    }
}

#[async_trait]
impl ChannelsMut for Session {
    async fn insert(&mut self, channel: &Channel) -> Result<(), StoreError> {
        self.refuse_taken(channel).await?;
        sqlx::query!(
            "INSERT INTO channels
                (id, app_id, name, name_key, slug, access, visibility, keeps, open_in_house_at, created_at, closed_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            channel.id.as_bytes().as_slice(),
            channel.app.as_bytes().as_slice(),
            channel.name.as_str(),
            channel.name.key(),
            channel.slug.as_str(),
            channel.access.as_str(),
            channel.visibility.as_str(),
            channel.keeps.map(NonZeroU32::get),
            millis(channel.open_in_house_at),
            channel.created_at.as_millis(),
            millis(channel.closed_at),
        )
        .execute(self.connection())
        .await
        .map_err(refused("channel"))?;
        Ok(())
    }

    async fn update(&mut self, channel: &Channel) -> Result<(), StoreError> {
        self.refuse_taken(channel).await?;
        let changed = sqlx::query!(
            "UPDATE channels SET
                name = ?, name_key = ?, slug = ?, access = ?, visibility = ?, keeps = ?, open_in_house_at = ?,
                closed_at = ?
             WHERE id = ?",
            channel.name.as_str(),
            channel.name.key(),
            channel.slug.as_str(),
            channel.access.as_str(),
            channel.visibility.as_str(),
            channel.keeps.map(NonZeroU32::get),
            millis(channel.open_in_house_at),
            millis(channel.closed_at),
            channel.id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("changing a channel"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("channel")) } else { Ok(()) }
    }
}

impl Session {
    /// Asks before writing which key another channel has; nobody else writes until this unit ends.
    async fn refuse_taken(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let other = |found: Option<Channel>| found.is_some_and(|found| found.id != channel.id);
        if other(self.find_by_name(channel.app, &channel.name).await?) {
            return Err(StoreError::Conflict(Key::ChannelName));
        }
        if other(self.find_by_slug(&channel.slug).await?) {
            return Err(StoreError::Conflict(Key::ChannelSlug));
        }
        Ok(())
    }
}

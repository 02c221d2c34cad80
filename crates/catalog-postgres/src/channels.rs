use async_trait::async_trait;
use catalog::row::{BEFORE_ALL, ChannelRow, Row, page};
use catalog::{
    AppId, Channel, ChannelCursor, ChannelId, Channels, ChannelsMut, Key, Name, Page, PageSize, Slug,
    StoreError,
};
use uuid::Uuid;

use crate::session::{Session, Tried};

macro_rules! select_channels {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ChannelRow,
            "SELECT
                id, app_id, name, slug, access, visibility, keeps,
                open_in_house_at, created_at, closed_at
             FROM channels " + $rest,
            $($argument),+
        )
    };
}

fn cursor(channel: &Channel) -> ChannelCursor {
    ChannelCursor { name_key: channel.name.key(), id: channel.id }
}

#[async_trait]
impl Channels for Session {
    async fn find(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_name(&mut self, app: AppId, name: &Name) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE app_id = $1 AND name_key = $2", Uuid::from(app), name.key())
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_slug(&mut self, slug: &Slug) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE slug = $1", slug.as_str())
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a channel"))?;
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
            "WHERE app_id = $1 AND name_key > $2 ORDER BY name_key LIMIT $3",
            Uuid::from(app),
            after.map_or("", |cursor| &cursor.name_key),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing channels"))?;
        page(rows, size, cursor)
    }

    async fn list_listed(
        &mut self,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        let rows = select_channels!(
            "WHERE visibility = 'listed' AND closed_at IS NULL AND (name_key, id) > ($1, $2)
             ORDER BY name_key, id LIMIT $3",
            after.map_or("", |cursor| &cursor.name_key),
            after.map_or(BEFORE_ALL, |cursor| cursor.id.into()),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing channels"))?;
        page(rows, size, cursor)
    }
}

#[async_trait]
impl ChannelsMut for Session {
    async fn insert(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let row = ChannelRow::from(channel);
        loop {
            let added = sqlx::query!(
                "INSERT INTO channels
                    (id, app_id, name, name_key, slug, access, visibility, keeps, open_in_house_at, created_at,
                    closed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
                row.id,
                row.app_id,
                row.name,
                channel.name.key(),
                row.slug,
                row.access,
                row.visibility,
                row.keeps,
                row.open_in_house_at,
                row.created_at,
                row.closed_at,
            )
            .execute(self.connection())
            .await
            .map_err(self.refused("channel"))?;
            if added.rows_affected() > 0 {
                return Ok(());
            }
            if let Some(key) = self.taken(channel).await? {
                return Err(StoreError::Conflict(key));
            }
            // It took another name or slug between the two statements.
        }
    }

    async fn update(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let row = ChannelRow::from(channel);
        let update = sqlx::query!(
            "UPDATE channels SET
                name = $1, name_key = $2, slug = $3, access = $4, visibility = $5, keeps = $6, open_in_house_at = $7,
                closed_at = $8
             WHERE id = $9",
            row.name,
            channel.name.key(),
            row.slug,
            row.access,
            row.visibility,
            row.keeps,
            row.open_in_house_at,
            row.closed_at,
            row.id,
        );
        match self.execute_unless_taken(update, "changing a channel").await? {
            Tried::Done(0) => Err(StoreError::Unknown("channel")),
            Tried::Done(_) => Ok(()),
            Tried::Taken(index) if index == "channels_name_taken" => {
                Err(StoreError::Conflict(Key::ChannelName))
            }
            Tried::Taken(_) => Err(StoreError::Conflict(Key::ChannelSlug)),
        }
    }
}

impl Session {
    /// Which key of a new channel another one has.
    async fn taken(&mut self, channel: &Channel) -> Result<Option<Key>, StoreError> {
        if self.find_by_name(channel.app, &channel.name).await?.is_some() {
            return Ok(Some(Key::ChannelName));
        }
        if self.find_by_slug(&channel.slug).await?.is_some() {
            return Ok(Some(Key::ChannelSlug));
        }
        Ok(Channels::find(self, channel.id).await?.map(|_| Key::Id))
    }
}

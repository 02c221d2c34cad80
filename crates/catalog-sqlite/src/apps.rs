use async_trait::async_trait;
use catalog::{App, AppCursor, AppId, Apps, AppsMut, Key, Name, Page, PageSize, StoreError, Timestamp};
use ipa::{BundleId, Platform};

use crate::failure::{failed, refused};
use crate::row::{BEFORE_ALL, Malformed, Row, page};
use crate::session::Session;

struct AppRow {
    id: Vec<u8>,
    bundle_id: String,
    platform: String,
    name: String,
    created_at: i64,
}

macro_rules! select_apps {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AppRow,
            "SELECT id, bundle_id, platform, name, created_at FROM apps " + $rest,
            $($argument),+
        )
    };
}

impl Row for AppRow {
    type Item = App;
    const WHAT: &'static str = "app";

    fn read(self) -> Result<App, Malformed> {
        Ok(App {
            id: AppId::from_bytes(&self.id)?,
            bundle_id: self.bundle_id.parse()?,
            platform: self.platform.parse()?,
            name: Name::parse(&self.name)?,
            created_at: Timestamp::from_millis(self.created_at)?,
        })
    }
}

#[async_trait]
impl Apps for Session {
    async fn find(&mut self, id: AppId) -> Result<Option<App>, StoreError> {
        let row = select_apps!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding an app"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_bundle(
        &mut self,
        bundle_id: &BundleId,
        platform: Platform,
    ) -> Result<Option<App>, StoreError> {
        let row = select_apps!("WHERE bundle_id = ? AND platform = ?", bundle_id.as_str(), platform.as_str())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding an app"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        after: Option<&AppCursor>,
        size: PageSize,
    ) -> Result<Page<App, AppCursor>, StoreError> {
        let name_key = after.map_or("", |cursor| &cursor.name_key);
        let id = after.map_or(&BEFORE_ALL, |cursor| cursor.id.as_bytes()).as_slice();
        let limit = size.rows_and_one();
        let rows =
            select_apps!("WHERE (name_key, id) > (?, ?) ORDER BY name_key, id LIMIT ?", name_key, id, limit)
                .fetch_all(self.connection())
                .await
                .map_err(failed("listing apps"))?;
        page(rows, size, |app| AppCursor { name_key: app.name.key(), id: app.id })
    }
}

#[async_trait]
impl AppsMut for Session {
    async fn insert(&mut self, app: &App) -> Result<(), StoreError> {
        let added = sqlx::query!(
            "INSERT INTO apps (id, bundle_id, platform, name, name_key, created_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (bundle_id, platform) DO NOTHING",
            app.id.as_bytes().as_slice(),
            app.bundle_id.as_str(),
            app.platform.as_str(),
            app.name.as_str(),
            app.name.key(),
            app.created_at.as_millis(),
        )
        .execute(self.connection())
        .await
        .map_err(refused("app"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::App)) } else { Ok(()) }
    }

    async fn rename(&mut self, id: AppId, name: &Name) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE apps SET name = ?, name_key = ? WHERE id = ?",
            name.as_str(),
            name.key(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("renaming an app"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("app")) } else { Ok(()) }
    }
}

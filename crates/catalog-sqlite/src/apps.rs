use async_trait::async_trait;
use catalog::row::{AppRow, BEFORE_ALL, Row, page};
use catalog::{App, AppCursor, AppId, Apps, AppsMut, Key, Name, Page, PageSize, StoreError};
use ipa::{BundleId, Platform};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_apps {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AppRow,
            r#"SELECT
                id AS "id: Uuid", bundle_id, platform, name, created_at
             FROM apps "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Apps for Session {
    async fn find(&mut self, id: AppId) -> Result<Option<App>, StoreError> {
        let row = select_apps!("WHERE id = ?", Uuid::from(id))
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
        let id = after.map_or(BEFORE_ALL, |cursor| cursor.id.into());
        let limit = size.rows_and_one();
        let rows =
            select_apps!("WHERE (name_key, id) > (?, ?) ORDER BY name_key, id LIMIT +?", name_key, id, limit)
                .fetch_all(self.connection())
                .await
                .map_err(failed("listing apps"))?;
        page(rows, size, |app| AppCursor { name_key: app.name.key(), id: app.id })
    }
}

#[async_trait]
impl AppsMut for Session {
    async fn insert(&mut self, app: &App) -> Result<(), StoreError> {
        let row = AppRow::from(app);
        let added = sqlx::query!(
            "INSERT INTO apps (id, bundle_id, platform, name, name_key, created_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (bundle_id, platform) DO NOTHING",
            row.id,
            row.bundle_id,
            row.platform,
            row.name,
            app.name.key(),
            row.created_at,
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
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(failed("renaming an app"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("app")) } else { Ok(()) }
    }
}

use async_trait::async_trait;
use ipa::{BundleId, Platform};

use crate::{AppId, Name, NameCursor, Page, PageSize, StoreError, Timestamp};

/// One bundle identifier on one platform.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// `CFBundleIdentifier`; with `platform` unique on the server, upper and lower case being different.
    pub bundle_id: BundleId,
    /// What it runs on.
    pub platform: Platform,
    /// What people call it.
    pub name: Name,
    /// When its first build arrived.
    pub created_at: Timestamp,
}

/// Where a list of apps goes on.
pub type AppCursor = NameCursor<AppId>;

/// Reads apps.
#[async_trait]
pub trait Apps: Send {
    /// The app with this id, or `None` when there is none.
    async fn find(&mut self, id: AppId) -> Result<Option<App>, StoreError>;

    /// The app with this bundle identifier on this platform, or `None` when there is none.
    async fn find_by_bundle(
        &mut self,
        bundle_id: &BundleId,
        platform: Platform,
    ) -> Result<Option<App>, StoreError>;

    /// Every app, by [`Name::key`] and then by id.
    async fn list(
        &mut self,
        after: Option<&AppCursor>,
        size: PageSize,
    ) -> Result<Page<App, AppCursor>, StoreError>;
}

/// Keeps apps. They are never removed.
#[async_trait]
pub trait AppsMut: Apps {
    /// Adds an app; [`StoreError::Conflict`] when its bundle identifier and platform are taken.
    async fn insert(&mut self, app: &App) -> Result<(), StoreError>;

    /// Changes the name; [`StoreError::Unknown`] when there is no such app.
    async fn rename(&mut self, id: AppId, name: &Name) -> Result<(), StoreError>;
}

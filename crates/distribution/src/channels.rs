use catalog::{
    Access, Actor, App, AppCursor, AuditAction, AuditSubject, Channel, ChannelCursor, ChannelId, ChannelPage,
    Key, Name, Page, PageSize, ReleasedBuild, Slug, StoreError, Unit, Visibility,
};

use crate::administration::Administration;
use crate::publish::OpenInHouse;
use crate::random;

const CREATED: AuditAction = AuditAction::new("channel.created");
const CLOSED: AuditAction = AuditAction::new("channel.closed");

/// A channel to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// What people call it.
    pub name: Name,
    /// Its address; random, with 80 bits, when none is given.
    pub slug: Option<Slug>,
    /// Whether in-house builds may stand on it.
    pub open_in_house: OpenInHouse,
}

/// Why a channel was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The app has a channel of this name.
    #[error("the app has a channel {0:?} already")]
    NameTaken(String),
    /// Another channel has this address.
    #[error("the address {0:?} is taken by another channel")]
    SlugTaken(String),
    /// The catalog failed.
    #[error("the catalog failed")]
    Store(#[from] StoreError),
}

impl Administration {
    /// Opens a channel of an app, with nothing on it.
    ///
    /// # Errors
    ///
    /// [`ChannelError`] when its name or address is taken.
    pub async fn create_channel(
        &self,
        app: &App,
        new: NewChannel,
        by: Actor,
    ) -> Result<Channel, ChannelError> {
        let mut unit = self.catalog.begin().await?;
        let channel = self.add_channel(&mut *unit, app, new, by).await?;
        unit.commit().await?;
        Ok(channel)
    }

    /// Opens a channel as part of something larger.
    pub(crate) async fn add_channel(
        &self,
        unit: &mut dyn Unit,
        app: &App,
        new: NewChannel,
        by: Actor,
    ) -> Result<Channel, ChannelError> {
        let now = self.now();
        let channel = Channel {
            id: ChannelId::new(now, random::bytes()),
            app: app.id,
            name: new.name,
            slug: new.slug.unwrap_or_else(|| Slug::random(random::bytes())),
            access: Access::Open,
            visibility: Visibility::Unlisted,
            keeps: None,
            open_in_house_at: (new.open_in_house == OpenInHouse::Agreed).then_some(now),
            created_at: now,
            closed_at: None,
        };
        match unit.channels().insert(&channel).await {
            Err(StoreError::Conflict(Key::ChannelName)) => {
                return Err(ChannelError::NameTaken(channel.name.to_string()));
            }
            Err(StoreError::Conflict(Key::ChannelSlug)) => {
                return Err(ChannelError::SlugTaken(channel.slug.to_string()));
            }
            other => other?,
        }
        let subject = AuditSubject::Channel(channel.id);
        let details = [("name", channel.name.as_str()), ("slug", channel.slug.as_str())];
        unit.audit().append(&self.audit(by, CREATED, subject, &details)).await?;
        Ok(channel)
    }

    /// Closes a channel: its page says so, its tickets start nothing more. A second call changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] when there is no such channel.
    pub async fn close_channel(&self, id: ChannelId, by: Actor) -> Result<(), StoreError> {
        let mut unit = self.catalog.begin().await?;
        let found = unit.channels().find(id).await?;
        let mut channel = found.ok_or(StoreError::Unknown("channel"))?;
        if channel.closed_at.is_some() {
            return Ok(());
        }
        channel.closed_at = Some(self.now());
        unit.channels().update(&channel).await?;
        unit.audit().append(&self.audit(by, CLOSED, AuditSubject::Channel(id), &[])).await?;
        unit.commit().await
    }

    /// Every app, by name.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn list_apps(
        &self,
        after: Option<&AppCursor>,
        size: PageSize,
    ) -> Result<Page<App, AppCursor>, StoreError> {
        self.catalog.read().await?.apps().list(after, size).await
    }

    /// What stands at a channel's address, closed or not.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn find_channel(&self, slug: &Slug) -> Result<Option<ChannelPage>, StoreError> {
        self.catalog.read().await?.installs().page(slug).await
    }

    /// What is current on a channel, or `None` when nothing is.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn current(&self, channel: ChannelId) -> Result<Option<ReleasedBuild>, StoreError> {
        let mut catalog = self.catalog.read().await?;
        Ok(catalog.installs().released(channel, None, PageSize::new(1)).await?.items.pop())
    }

    /// The channels of an app, by name.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn list_channels(
        &self,
        app: &App,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        self.catalog.read().await?.channels().list(app.id, after, size).await
    }
}

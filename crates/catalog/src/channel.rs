use std::num::NonZeroU32;
use std::str::FromStr;

use async_trait::async_trait;

use crate::{AppId, ChannelId, Name, NameCursor, Page, PageSize, ParseError, Slug, StoreError, Timestamp};

/// A named, linkable track of an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// The app whose builds it shows.
    pub app: AppId,
    /// Unique within the app by its [`Name::key`], closed channels included.
    pub name: Name,
    /// Its address; unique on the server, closed channels included, so that an old link never leads elsewhere.
    pub slug: Slug,
    /// Who may open its page.
    pub access: Access,
    /// Whether the server's own list shows it.
    pub visibility: Visibility,
    /// How many builds retention leaves; `None` for all.
    pub keeps: Option<NonZeroU32>,
    /// When the owner agreed to show in-house builds to anyone who has the link.
    pub open_in_house_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it shows and takes nothing.
    pub closed_at: Option<Timestamp>,
}

/// Who may open a channel's page.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Access {
    /// Anyone who has its address.
    Open,
}

impl Access {
    /// The word for people, JSON and columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
        }
    }
}

impl FromStr for Access {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "open" => Ok(Self::Open),
            _ => Err(ParseError::word("kind of access", text)),
        }
    }
}

/// Whether the server's own list shows a channel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Visibility {
    /// Shown to everyone.
    Listed,
    /// Found by its address alone.
    Unlisted,
}

impl Visibility {
    /// The word for people, JSON and columns: `listed` or `unlisted`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
        }
    }
}

impl FromStr for Visibility {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "listed" => Ok(Self::Listed),
            "unlisted" => Ok(Self::Unlisted),
            _ => Err(ParseError::word("visibility", text)),
        }
    }
}

/// Where a list of channels goes on.
pub type ChannelCursor = NameCursor<ChannelId>;

/// Reads channels.
#[async_trait]
pub trait Channels: Send {
    /// The channel with this id, or `None` when there is none.
    async fn find(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError>;

    /// The channel of an app whose name has this one's [`Name::key`], or `None` when there is none.
    async fn find_by_name(&mut self, app: AppId, name: &Name) -> Result<Option<Channel>, StoreError>;

    /// The channel at this address, closed or not, or `None` when there never was one.
    async fn find_by_slug(&mut self, slug: &Slug) -> Result<Option<Channel>, StoreError>;

    /// The channels of an app, closed ones included, by [`Name::key`] and then by id; empty for an unknown app.
    async fn list(
        &mut self,
        app: AppId,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError>;

    /// The listed channels of all apps, closed ones left out, by [`Name::key`] and then by id.
    async fn list_listed(
        &mut self,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError>;
}

/// Keeps channels. They are closed, never removed.
#[async_trait]
pub trait ChannelsMut: Channels {
    /// Adds a channel; [`StoreError::Conflict`] when its name or slug is taken, [`StoreError::Dangling`] when its app
    /// is unknown.
    async fn insert(&mut self, channel: &Channel) -> Result<(), StoreError>;

    /// Replaces everything of a channel but its id, app and `created_at`, which must be the same as before.
    ///
    /// [`StoreError::Conflict`] when the new name or slug is taken, [`StoreError::Unknown`] when there is no such
    /// channel.
    async fn update(&mut self, channel: &Channel) -> Result<(), StoreError>;
}

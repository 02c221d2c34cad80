use uuid::Uuid;

use super::{AppRow, ChannelRow, Malformed, Row};
use crate::ChannelPage;

/// A channel and its app, in one row.
#[expect(missing_docs, reason = "the columns of the tables that it joins")]
#[derive(Clone, Debug)]
pub struct ChannelPageRow {
    pub channel_id: Uuid,
    pub channel_name: String,
    pub slug: String,
    pub access: String,
    pub visibility: String,
    pub keeps: Option<i64>,
    pub open_in_house_at: Option<i64>,
    pub channel_created_at: i64,
    pub closed_at: Option<i64>,
    pub app_id: Uuid,
    pub bundle_id: String,
    pub platform: String,
    pub app_name: String,
    pub app_created_at: i64,
}

impl Row for ChannelPageRow {
    type Item = ChannelPage;
    const WHAT: &'static str = "channel";

    fn read(self) -> Result<ChannelPage, Malformed> {
        let app = AppRow {
            id: self.app_id,
            bundle_id: self.bundle_id,
            platform: self.platform,
            name: self.app_name,
            created_at: self.app_created_at,
        };
        let channel = ChannelRow {
            id: self.channel_id,
            app_id: self.app_id,
            name: self.channel_name,
            slug: self.slug,
            access: self.access,
            visibility: self.visibility,
            keeps: self.keeps,
            open_in_house_at: self.open_in_house_at,
            created_at: self.channel_created_at,
            closed_at: self.closed_at,
        };
        Ok(ChannelPage { app: app.read()?, channel: channel.read()? })
    }
}

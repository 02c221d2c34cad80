use std::num::NonZeroU32;

use uuid::Uuid;

use super::{Malformed, Row, millis, moment};
use crate::{Channel, Name, Timestamp};

/// A row of `channels`, without `name_key` and `last_sequence`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Channel`")]
#[derive(Clone, Debug)]
pub struct ChannelRow {
    pub id: Uuid,
    pub app_id: Uuid,
    pub name: String,
    pub slug: String,
    pub access: String,
    pub visibility: String,
    pub keeps: Option<i64>,
    pub open_in_house_at: Option<i64>,
    pub created_at: i64,
    pub closed_at: Option<i64>,
}

impl Row for ChannelRow {
    type Item = Channel;
    const WHAT: &'static str = "channel";

    fn read(self) -> Result<Channel, Malformed> {
        let keeps = self.keeps.map(|keeps| u32::try_from(keeps).and_then(NonZeroU32::try_from));
        Ok(Channel {
            id: self.id.try_into()?,
            app: self.app_id.try_into()?,
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

impl From<&Channel> for ChannelRow {
    fn from(channel: &Channel) -> Self {
        Self {
            id: channel.id.into(),
            app_id: channel.app.into(),
            name: channel.name.as_str().to_owned(),
            slug: channel.slug.as_str().to_owned(),
            access: channel.access.as_str().to_owned(),
            visibility: channel.visibility.as_str().to_owned(),
            keeps: channel.keeps.map(|keeps| keeps.get().into()),
            open_in_house_at: millis(channel.open_in_house_at),
            created_at: channel.created_at.as_millis(),
            closed_at: millis(channel.closed_at),
        }
    }
}

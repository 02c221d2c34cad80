use uuid::Uuid;

use super::{Malformed, Row, millis, moment, text};
use crate::{Actor, Release, Sequence, Timestamp};

/// A row of `releases`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Release`")]
#[derive(Clone, Debug)]
pub struct ReleaseRow {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub sequence: i64,
    pub build_id: Uuid,
    pub notes: String,
    pub released_at: i64,
    pub released_by_kind: String,
    pub released_by_id: Option<Uuid>,
    pub withdrawn_at: Option<i64>,
}

impl Row for ReleaseRow {
    type Item = Release;
    const WHAT: &'static str = "release";

    fn read(self) -> Result<Release, Malformed> {
        Ok(Release {
            id: self.id.try_into()?,
            channel: self.channel_id.try_into()?,
            sequence: Sequence::new(self.sequence)?,
            build: self.build_id.try_into()?,
            notes: self.notes,
            released_at: Timestamp::from_millis(self.released_at)?,
            released_by: Actor::from_parts(&self.released_by_kind, self.released_by_id)?,
            withdrawn_at: moment(self.withdrawn_at)?,
        })
    }
}

impl From<&Release> for ReleaseRow {
    fn from(release: &Release) -> Self {
        Self {
            id: release.id.into(),
            channel_id: release.channel.into(),
            sequence: release.sequence.number(),
            build_id: release.build.into(),
            notes: text(&release.notes),
            released_at: release.released_at.as_millis(),
            released_by_kind: release.released_by.kind().to_owned(),
            released_by_id: release.released_by.id(),
            withdrawn_at: millis(release.withdrawn_at),
        }
    }
}

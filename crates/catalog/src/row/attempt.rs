use uuid::Uuid;

use super::{Malformed, Row, from_json, millis, moment, text, to_json};
use crate::{Attempt, AttemptDevice, Blocks, Progress, StoreError, Timestamp};

/// A row of `attempts`, without `ordinal`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Attempt`")]
#[derive(Clone, Debug)]
pub struct AttemptRow {
    pub id: Uuid,
    pub ticket_id: Uuid,
    pub channel_id: Uuid,
    pub build_id: Uuid,
    pub model: String,
    pub os_version: String,
    pub os_build: String,
    pub started_at: i64,
    pub served_until: i64,
    pub last_seen_at: i64,
    pub manifest_at: Option<i64>,
    pub icon_at: Option<i64>,
    pub size_asked_at: Option<i64>,
    pub package_first_at: Option<i64>,
    pub all_sent_at: Option<i64>,
    pub blocks: Vec<u8>,
    pub findings: String,
}

impl Row for AttemptRow {
    type Item = Attempt;
    const WHAT: &'static str = "attempt";

    fn read(self) -> Result<Attempt, Malformed> {
        Ok(Attempt {
            id: self.id.try_into()?,
            ticket: self.ticket_id.into(),
            channel: self.channel_id.try_into()?,
            build: self.build_id.try_into()?,
            device: AttemptDevice { model: self.model, os_version: self.os_version, os_build: self.os_build },
            started_at: Timestamp::from_millis(self.started_at)?,
            served_until: Timestamp::from_millis(self.served_until)?,
            progress: Progress {
                last_seen_at: Timestamp::from_millis(self.last_seen_at)?,
                manifest_at: moment(self.manifest_at)?,
                icon_at: moment(self.icon_at)?,
                size_asked_at: moment(self.size_asked_at)?,
                package_first_at: moment(self.package_first_at)?,
                all_sent_at: moment(self.all_sent_at)?,
                blocks: Blocks::from_bytes(self.blocks),
            },
            findings: from_json(&self.findings)?,
        })
    }
}

impl TryFrom<&Attempt> for AttemptRow {
    type Error = StoreError;

    fn try_from(attempt: &Attempt) -> Result<Self, StoreError> {
        let Attempt { device, progress, .. } = attempt;
        Ok(Self {
            id: attempt.id.into(),
            ticket_id: attempt.ticket.into(),
            channel_id: attempt.channel.into(),
            build_id: attempt.build.into(),
            model: text(&device.model),
            os_version: text(&device.os_version),
            os_build: text(&device.os_build),
            started_at: attempt.started_at.as_millis(),
            served_until: attempt.served_until.as_millis(),
            last_seen_at: progress.last_seen_at.as_millis(),
            manifest_at: millis(progress.manifest_at),
            icon_at: millis(progress.icon_at),
            size_asked_at: millis(progress.size_asked_at),
            package_first_at: millis(progress.package_first_at),
            all_sent_at: millis(progress.all_sent_at),
            blocks: progress.blocks.as_bytes().to_vec(),
            findings: to_json(&attempt.findings)?,
        })
    }
}

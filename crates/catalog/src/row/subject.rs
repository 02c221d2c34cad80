use uuid::Uuid;

use super::{AppRow, BuildRow, ChannelRow, Malformed, ReleaseRow, RevocationRow, Row};
use crate::{InstallSubject, Revocation, RevocationSubject, TicketId, TicketRevocations};

/// All that a ticket stands for, in one row.
#[expect(missing_docs, reason = "the columns of the tables that it joins")]
#[derive(Clone, Debug)]
pub struct SubjectRow {
    pub ticket_id: Uuid,
    pub app_id: Uuid,
    pub bundle_id: String,
    pub platform: String,
    pub app_name: String,
    pub app_created_at: i64,
    pub channel_id: Uuid,
    pub channel_name: String,
    pub slug: String,
    pub access: String,
    pub visibility: String,
    pub keeps: Option<i64>,
    pub open_in_house_at: Option<i64>,
    pub channel_created_at: i64,
    pub closed_at: Option<i64>,
    pub build_id: Uuid,
    pub version: String,
    pub build_number: String,
    pub display_name: String,
    pub minimum_os: Option<String>,
    pub families: String,
    pub supported_devices: Option<String>,
    pub capabilities: Option<String>,
    pub package_sha256: Vec<u8>,
    pub package_size_bytes: i64,
    pub package_blob: Option<Uuid>,
    pub executable_uuids: String,
    pub signing_kind: Option<String>,
    pub profile_name: Option<String>,
    pub profile_uuid: Option<String>,
    pub profile_expires_at: Option<i64>,
    pub profile_device_count: Option<i64>,
    pub team_name: Option<String>,
    pub team_id: Option<String>,
    pub findings: String,
    pub allowed: String,
    pub commit_id: Option<String>,
    pub branch: Option<String>,
    pub pull_request: Option<String>,
    pub ci_url: Option<String>,
    pub tags: String,
    pub display_image: Option<Uuid>,
    pub full_size_image: Option<Uuid>,
    pub uploaded_at: i64,
    pub uploaded_by_kind: String,
    pub uploaded_by_id: Option<Uuid>,
    pub release_id: Option<Uuid>,
    pub sequence: Option<i64>,
    pub notes: Option<String>,
    pub released_at: Option<i64>,
    pub released_by_kind: Option<String>,
    pub released_by_id: Option<Uuid>,
    pub withdrawn_at: Option<i64>,
    pub ticket_starts_refused_at: Option<i64>,
    pub ticket_running_refused_at: Option<i64>,
    pub channel_starts_refused_at: Option<i64>,
    pub channel_running_refused_at: Option<i64>,
    pub build_starts_refused_at: Option<i64>,
    pub build_running_refused_at: Option<i64>,
}

impl Row for SubjectRow {
    type Item = InstallSubject;
    const WHAT: &'static str = "ticket's subject";

    fn read(self) -> Result<InstallSubject, Malformed> {
        let revocations = self.revocations()?;
        let release = self.release().map(Row::read).transpose()?;
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
        let build = BuildRow {
            id: self.build_id,
            app_id: self.app_id,
            version: self.version,
            build_number: self.build_number,
            display_name: self.display_name,
            minimum_os: self.minimum_os,
            families: self.families,
            supported_devices: self.supported_devices,
            capabilities: self.capabilities,
            package_sha256: self.package_sha256,
            package_size_bytes: self.package_size_bytes,
            package_blob: self.package_blob,
            executable_uuids: self.executable_uuids,
            signing_kind: self.signing_kind,
            profile_name: self.profile_name,
            profile_uuid: self.profile_uuid,
            profile_expires_at: self.profile_expires_at,
            profile_device_count: self.profile_device_count,
            team_name: self.team_name,
            team_id: self.team_id,
            findings: self.findings,
            allowed: self.allowed,
            commit_id: self.commit_id,
            branch: self.branch,
            pull_request: self.pull_request,
            ci_url: self.ci_url,
            tags: self.tags,
            display_image: self.display_image,
            full_size_image: self.full_size_image,
            uploaded_at: self.uploaded_at,
            uploaded_by_kind: self.uploaded_by_kind,
            uploaded_by_id: self.uploaded_by_id,
        };
        Ok(InstallSubject {
            app: app.read()?,
            channel: channel.read()?,
            build: build.read()?,
            release,
            revocations,
        })
    }
}

impl SubjectRow {
    fn release(&self) -> Option<ReleaseRow> {
        Some(ReleaseRow {
            id: self.release_id?,
            channel_id: self.channel_id,
            sequence: self.sequence?,
            build_id: self.build_id,
            notes: self.notes.clone()?,
            released_at: self.released_at?,
            released_by_kind: self.released_by_kind.clone()?,
            released_by_id: self.released_by_id,
            withdrawn_at: self.withdrawn_at,
        })
    }

    fn revocations(&self) -> Result<TicketRevocations, Malformed> {
        let ticket = RevocationSubject::Ticket(TicketId::from(self.ticket_id));
        let channel = RevocationSubject::Channel(self.channel_id.try_into()?);
        let build = RevocationSubject::Build(self.build_id.try_into()?);
        Ok(TicketRevocations {
            ticket: revocation(ticket, self.ticket_starts_refused_at, self.ticket_running_refused_at)?,
            channel: revocation(channel, self.channel_starts_refused_at, self.channel_running_refused_at)?,
            build: revocation(build, self.build_starts_refused_at, self.build_running_refused_at)?,
        })
    }
}

fn revocation(
    subject: RevocationSubject,
    starts_refused_at: Option<i64>,
    running_refused_at: Option<i64>,
) -> Result<Option<Revocation>, Malformed> {
    let row = starts_refused_at.map(|starts_refused_at| RevocationRow {
        subject_kind: subject.kind().to_owned(),
        subject_id: subject.id(),
        starts_refused_at,
        running_refused_at,
    });
    row.map(Row::read).transpose()
}

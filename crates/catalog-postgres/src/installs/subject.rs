use catalog::row::{AppRow, BuildRow, ChannelRow, Malformed, ReleaseRow, RevocationRow, Row};
use catalog::{InstallSubject, Revocation, RevocationSubject, TicketId, TicketRevocations};
use uuid::Uuid;

/// All that a ticket stands for, in one row.
pub(super) struct SubjectRow {
    pub(super) ticket_id: Uuid,
    pub(super) app_id: Uuid,
    pub(super) bundle_id: String,
    pub(super) platform: String,
    pub(super) app_name: String,
    pub(super) app_created_at: i64,
    pub(super) channel_id: Uuid,
    pub(super) channel_name: String,
    pub(super) slug: String,
    pub(super) access: String,
    pub(super) visibility: String,
    pub(super) keeps: Option<i64>,
    pub(super) open_in_house_at: Option<i64>,
    pub(super) channel_created_at: i64,
    pub(super) closed_at: Option<i64>,
    pub(super) build_id: Uuid,
    pub(super) version: String,
    pub(super) build_number: String,
    pub(super) display_name: String,
    pub(super) minimum_os: Option<String>,
    pub(super) families: String,
    pub(super) package_sha256: Vec<u8>,
    pub(super) package_size_bytes: i64,
    pub(super) package_blob: Option<Uuid>,
    pub(super) executable_uuids: String,
    pub(super) signing_kind: Option<String>,
    pub(super) profile_name: Option<String>,
    pub(super) profile_uuid: Option<String>,
    pub(super) profile_expires_at: Option<i64>,
    pub(super) profile_device_count: Option<i64>,
    pub(super) team_name: Option<String>,
    pub(super) team_id: Option<String>,
    pub(super) findings: String,
    pub(super) allowed: String,
    pub(super) commit_id: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) pull_request: Option<String>,
    pub(super) ci_url: Option<String>,
    pub(super) tags: String,
    pub(super) display_image: Option<Uuid>,
    pub(super) full_size_image: Option<Uuid>,
    pub(super) uploaded_at: i64,
    pub(super) uploaded_by_kind: String,
    pub(super) uploaded_by_id: Option<Uuid>,
    pub(super) release_id: Option<Uuid>,
    pub(super) sequence: Option<i64>,
    pub(super) notes: Option<String>,
    pub(super) released_at: Option<i64>,
    pub(super) released_by_kind: Option<String>,
    pub(super) released_by_id: Option<Uuid>,
    pub(super) withdrawn_at: Option<i64>,
    pub(super) ticket_starts_refused_at: Option<i64>,
    pub(super) ticket_running_refused_at: Option<i64>,
    pub(super) channel_starts_refused_at: Option<i64>,
    pub(super) channel_running_refused_at: Option<i64>,
    pub(super) build_starts_refused_at: Option<i64>,
    pub(super) build_running_refused_at: Option<i64>,
}

macro_rules! select_subject {
    ($ticket:expr, $channel:expr, $build:expr) => {
        sqlx::query_as!(
            SubjectRow,
            r#"SELECT
                $1::uuid AS "ticket_id!", apps.id AS app_id, bundle_id, platform, apps.name AS app_name,
                apps.created_at AS app_created_at, channels.id AS channel_id, channels.name AS channel_name,
                slug, access, visibility, keeps, open_in_house_at, channels.created_at AS channel_created_at,
                closed_at, builds.id AS build_id, version, build_number, display_name, minimum_os, families,
                package_sha256, package_size_bytes, package_blob, executable_uuids, signing_kind,
                profile_name, profile_uuid, profile_expires_at, profile_device_count, team_name, team_id,
                findings, allowed, commit_id, branch, pull_request, ci_url, tags, display_image,
                full_size_image, uploaded_at, uploaded_by_kind, uploaded_by_id, release.id AS "release_id?",
                release.sequence AS "sequence?", release.notes AS "notes?",
                release.released_at AS "released_at?", release.released_by_kind AS "released_by_kind?",
                release.released_by_id AS "released_by_id?", release.withdrawn_at AS "withdrawn_at?",
                of_ticket.starts_refused_at AS "ticket_starts_refused_at?",
                of_ticket.running_refused_at AS "ticket_running_refused_at?",
                of_channel.starts_refused_at AS "channel_starts_refused_at?",
                of_channel.running_refused_at AS "channel_running_refused_at?",
                of_build.starts_refused_at AS "build_starts_refused_at?",
                of_build.running_refused_at AS "build_running_refused_at?"
             FROM channels
             JOIN builds ON builds.id = $3 AND builds.app_id = channels.app_id
             JOIN apps ON apps.id = channels.app_id
             LEFT JOIN releases AS release ON release.id = coalesce(
                (
                    SELECT live.id FROM releases AS live
                    WHERE live.channel_id = channels.id AND live.build_id = builds.id AND live.withdrawn_at IS NULL
                    ORDER BY live.sequence DESC LIMIT 1
                ),
                (
                    SELECT withdrawn.id FROM releases AS withdrawn
                    WHERE withdrawn.channel_id = channels.id AND withdrawn.build_id = builds.id
                    ORDER BY withdrawn.sequence DESC LIMIT 1
                )
             )
             LEFT JOIN revocations AS of_ticket
                ON of_ticket.subject_kind = 'ticket' AND of_ticket.subject_id = $1
             LEFT JOIN revocations AS of_channel
                ON of_channel.subject_kind = 'channel' AND of_channel.subject_id = channels.id
             LEFT JOIN revocations AS of_build
                ON of_build.subject_kind = 'build' AND of_build.subject_id = builds.id
             WHERE channels.id = $2"#,
            $ticket,
            $channel,
            $build
        )
    };
}
pub(super) use select_subject;

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

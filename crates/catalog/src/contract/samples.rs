use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU8, Ordering};

use doctor::{Evidence, EvidenceKind, EvidencePlace, Finding, Severity, Station};
use ipa::{
    BuildNumber, BundleId, Capability, Demand, DeviceFamily, OsVersion, Platform, SigningKind, TeamId,
    Version,
};
use uuid::Uuid;

use crate::{
    Access, Actor, AllowedCode, App, AppId, Attempt, AttemptDevice, AttemptId, AuditAction, AuditEntry,
    AuditId, AuditSubject, Blob, BlobId, Build, BuildId, Catalog, Channel, ChannelId, DeviceReach, Event,
    EventId, Icons, JobId, JobKind, Lease, LeaseId, Name, NewJob, NewRelease, Package, ProfileSummary,
    Progress, Provenance, ReleaseId, Sha256, Signing, Slug, StoreError, Team, TicketId, TicketKey,
    TicketKeyId, Timestamp, Token, TokenHash, TokenId, TokenReach, TokenScope, Topic, Visibility,
};

/// Makes things that differ from each other in every unique key and are made a millisecond apart.
#[derive(Default)]
pub(super) struct Samples {
    made: AtomicU8,
}

/// An app with a channel and a build that is not released.
pub(super) struct Shelf {
    pub(super) app: App,
    pub(super) channel: Channel,
    pub(super) build: Build,
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + millis).expect("a moment of 2026")
}

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

pub(super) fn slug(text: &str) -> Slug {
    text.parse().expect("a slug")
}

impl Samples {
    /// A moment after everything that was made.
    pub(super) fn now(&self) -> Timestamp {
        at(i64::from(self.next()))
    }

    fn next(&self) -> u8 {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn random(&self) -> [u8; 10] {
        [self.made(); 10]
    }

    fn made(&self) -> u8 {
        self.made.load(Ordering::Relaxed)
    }

    pub(super) fn actor(&self) -> Actor {
        Actor::Token(TokenId::new(self.now(), self.random()))
    }

    pub(super) fn ticket(&self) -> TicketId {
        TicketId::new([self.next(); 16])
    }

    pub(super) fn app(&self, text: &str) -> App {
        let created_at = self.now();
        App {
            id: AppId::new(created_at, self.random()),
            bundle_id: BundleId::parse(&format!("com.example.app{}", self.made()))
                .expect("a bundle identifier"),
            platform: Platform::Ios,
            name: name(text),
            created_at,
        }
    }

    pub(super) fn blob(&self) -> Blob {
        let now = self.now();
        Blob {
            id: BlobId::new(now, self.random()),
            sha256: Sha256::new([self.made(); 32]),
            size_bytes: 3 << 20 | u64::from(self.made()),
        }
    }

    /// A build with something in every field.
    pub(super) fn build(&self, app: AppId, package: &Blob, icon: &Blob) -> Build {
        let uploaded_at = self.now();
        let allowed = AllowedCode { code: "PRF003".to_owned(), by: self.actor() };
        Build {
            id: BuildId::new(uploaded_at, self.random()),
            app,
            version: Version::parse("1.2.3").expect("a version"),
            build_number: BuildNumber::parse("45").expect("a build number"),
            display_name: "Notes & \"Drafts\" <✎>".to_owned(),
            minimum_os: Some(OsVersion { major: 16, minor: 4, patch: 0 }),
            families: vec![DeviceFamily::Phone, DeviceFamily::Pad],
            supported_devices: Some(vec!["iPhone15,2".to_owned(), "iPad13,1".to_owned()]),
            capabilities: Some(vec![
                Capability { name: "nfc".to_owned(), demand: Demand::Present },
                Capability { name: "armv7".to_owned(), demand: Demand::Lacking },
            ]),
            package: Package {
                sha256: package.sha256,
                size_bytes: package.size_bytes,
                blob: Some(package.id),
            },
            executable_uuids: vec![Uuid::from_bytes([self.made(); 16])],
            signing: Some(Signing {
                kind: SigningKind::AdHoc,
                profile: ProfileSummary {
                    name: "Notes ad hoc".to_owned(),
                    uuid: "5a2c1a9e-0000-4000-8000-000000000000".to_owned(),
                    expires_at: at(1_000_000),
                },
                team: Team {
                    name: "Example".to_owned(),
                    id: TeamId::parse("ABCDE12345").expect("a team's identifier"),
                },
                devices: DeviceReach::Listed(7),
            }),
            findings: vec![finding()],
            allowed: vec![allowed],
            provenance: Provenance {
                commit: Some("0123456789abcdef".to_owned()),
                branch: Some("main".to_owned()),
                pull_request: Some("12".to_owned()),
                ci_url: Some("https://ci.example.com/1".to_owned()),
                tags: vec!["nightly".to_owned(), "a,b".to_owned()],
            },
            icons: Icons { display_image: Some(icon.id), full_size_image: Some(icon.id) },
            uploaded_at,
            uploaded_by: self.actor(),
        }
    }

    pub(super) fn channel(&self, app: AppId, text: &str) -> Channel {
        let created_at = self.now();
        Channel {
            id: ChannelId::new(created_at, self.random()),
            app,
            name: name(text),
            slug: Slug::random(self.random()),
            access: Access::Open,
            visibility: Visibility::Listed,
            keeps: NonZeroU32::new(5),
            open_in_house_at: Some(created_at),
            created_at,
            closed_at: None,
        }
    }

    pub(super) fn release(&self, channel: ChannelId, build: BuildId) -> NewRelease {
        let released_at = self.now();
        NewRelease {
            id: ReleaseId::new(released_at, self.random()),
            channel,
            build,
            notes: "Fewer *bugs*".to_owned(),
            released_at,
            released_by: self.actor(),
        }
    }

    pub(super) fn token(&self, reach: TokenReach) -> Token {
        let created_at = self.now();
        Token {
            id: TokenId::new(created_at, self.random()),
            name: name("CI"),
            scope: TokenScope::Publish,
            reach,
            hash: TokenHash::new([self.made(); 32]),
            created_at,
            expires_at: Some(at(900_000)),
            revoked_at: None,
            last_used_at: None,
        }
    }

    pub(super) fn ticket_key(&self) -> TicketKey {
        let created_at = self.now();
        TicketKey {
            id: TicketKeyId::new(created_at, self.random()),
            sealed: vec![self.made(), 0, 255],
            created_at,
            retired_at: None,
        }
    }

    pub(super) fn attempt(&self, ticket: TicketId, on: &Shelf) -> Attempt {
        let started_at = self.now();
        Attempt {
            id: AttemptId::new(started_at, self.random()),
            ticket,
            channel: on.channel.id,
            build: on.build.id,
            device: AttemptDevice {
                model: "iPhone15,2".to_owned(),
                os_version: "18.0".to_owned(),
                os_build: "22A3354".to_owned(),
            },
            started_at,
            served_until: at(600_000),
            progress: Progress { manifest_at: Some(started_at), ..Progress::seen(started_at) },
            findings: vec![finding()],
        }
    }

    pub(super) fn entry(&self, subject: AuditSubject) -> AuditEntry {
        const RENAMED: AuditAction = AuditAction::new("app.renamed");
        let now = self.now();
        let details = [("from".to_owned(), "A".into()), ("to".to_owned(), "B".into())];
        AuditEntry {
            id: AuditId::new(now, self.random()),
            at: now,
            actor: self.actor(),
            action: RENAMED,
            subject,
            details: details.into_iter().collect(),
        }
    }

    pub(super) fn event(&self) -> Event {
        const RELEASED: Topic = Topic::new("build.released");
        let now = self.now();
        let body = [("build".to_owned(), "018f4d3c".into()), ("✎".to_owned(), 7.into())];
        Event {
            id: EventId::new(now, self.random()),
            at: now,
            topic: RELEASED,
            body: body.into_iter().collect(),
        }
    }

    /// A job that is due when it is made.
    pub(super) fn job(&self, kind: JobKind, subject: &str) -> NewJob {
        let now = self.now();
        let body = [("hook".to_owned(), "018f4d3c".into())];
        NewJob {
            id: JobId::new(now, self.random()),
            kind,
            subject: subject.to_owned(),
            body: body.into_iter().collect(),
            created_at: now,
            due_at: now,
        }
    }

    pub(super) fn lease(&self, until: Timestamp) -> Lease {
        Lease { id: LeaseId::new(self.now(), self.random()), until }
    }

    /// Keeps an app with a channel and a build.
    pub(super) async fn shelf(&self, catalog: &dyn Catalog) -> Result<Shelf, StoreError> {
        let app = self.app("Notes");
        let channel = self.channel(app.id, "Nightly");
        let mut unit = catalog.begin().await?;
        unit.apps().insert(&app).await?;
        unit.channels().insert(&channel).await?;
        unit.commit().await?;
        let build = self.kept_build(catalog, app.id).await?;
        Ok(Shelf { app, channel, build })
    }

    /// Keeps a build of an app, with its blobs.
    pub(super) async fn kept_build(&self, catalog: &dyn Catalog, app: AppId) -> Result<Build, StoreError> {
        let (package, icon) = (self.blob(), self.blob());
        let build = self.build(app, &package, &icon);
        let mut unit = catalog.begin().await?;
        unit.blobs().insert(&package).await?;
        unit.blobs().insert(&icon).await?;
        unit.builds().insert(&build).await?;
        unit.commit().await?;
        Ok(build)
    }
}

pub(super) fn finding() -> Finding {
    Finding {
        code: "PRF003".to_owned(),
        name: "profile-expired".to_owned(),
        severity: Severity::Error,
        evidence_kind: EvidenceKind::Documented,
        station: Station::Profile,
        bundle: None,
        host: None,
        message: "the profile expired".to_owned(),
        evidence: vec![Evidence::at(EvidencePlace::KeyPath, "ExpirationDate").seen("2026-01-01")],
        device_shows: "Unable to install".to_owned(),
        fix: "sign it anew".to_owned(),
        first_cause: true,
        follows_from: None,
    }
}

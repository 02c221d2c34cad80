-- The catalog. SQLite has the same tables with its own types.
--
-- *_at: milliseconds since 1970 UTC. Ids: version 7 UUIDs, so they sort by age; a ticket's id is 16 random bytes.
-- Text sorts by its bytes (COLLATE "C"), as it does in SQLite.
-- JSON is kept as text and never searched; what is searched has a column.
-- *_kind and *_id name somebody or something of several kinds and so have no foreign key.

-- Bytes that the depot holds under the id. The same bytes are kept once.
CREATE TABLE blobs (
    id         uuid   NOT NULL PRIMARY KEY,
    sha256     bytea  NOT NULL UNIQUE CHECK (length(sha256) = 32),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0)
);

-- One bundle identifier on one platform.
CREATE TABLE apps (
    id         uuid             NOT NULL PRIMARY KEY,
    bundle_id  text COLLATE "C" NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    name_key   text COLLATE "C" NOT NULL, -- the name in lower case, computed by the program
    created_at bigint           NOT NULL,
    UNIQUE (bundle_id, platform)
);

CREATE INDEX apps_by_name ON apps (name_key, id);

-- One uploaded package. Nothing changes but package_blob, which retention sets to NULL.
CREATE TABLE builds (
    id                   uuid             NOT NULL PRIMARY KEY,
    app_id               uuid             NOT NULL REFERENCES apps (id),
    version              text COLLATE "C" NOT NULL,
    build_number         text COLLATE "C" NOT NULL,
    display_name         text COLLATE "C" NOT NULL,
    minimum_os           text COLLATE "C",
    families             text COLLATE "C" NOT NULL, -- JSON: ["iPhone", …]
    package_sha256       bytea            NOT NULL UNIQUE CHECK (length(package_sha256) = 32),
    package_size_bytes   bigint           NOT NULL CHECK (package_size_bytes >= 0),
    package_blob         uuid             REFERENCES blobs (id),
    executable_uuids     text COLLATE "C" NOT NULL, -- JSON: ["018f…", …]
    signing_kind         text COLLATE "C",          -- NULL, and all to team_id with it, when no profile could be read
    profile_name         text COLLATE "C",
    profile_uuid         text COLLATE "C",
    profile_expires_at   bigint,
    profile_device_count bigint,                    -- NULL for any device
    team_name            text COLLATE "C",
    team_id              text COLLATE "C",
    findings             text COLLATE "C" NOT NULL, -- JSON: what the doctor said
    allowed              text COLLATE "C" NOT NULL, -- JSON: [{"code": …, "by": …}, …]
    commit_id            text COLLATE "C",
    branch               text COLLATE "C",
    pull_request         text COLLATE "C",
    ci_url               text COLLATE "C",
    tags                 text COLLATE "C" NOT NULL, -- JSON: ["…", …]
    display_image        uuid             REFERENCES blobs (id),
    full_size_image      uuid             REFERENCES blobs (id),
    uploaded_at          bigint           NOT NULL,
    uploaded_by_kind     text COLLATE "C" NOT NULL,
    uploaded_by_id       uuid
);

CREATE INDEX builds_by_app ON builds (app_id, id);
CREATE INDEX builds_by_version ON builds (app_id, version, build_number, id);
CREATE INDEX builds_by_package ON builds (package_blob);
CREATE INDEX builds_by_display_image ON builds (display_image);
CREATE INDEX builds_by_full_size_image ON builds (full_size_image);

-- A named, linkable track of an app.
CREATE TABLE channels (
    id               uuid             NOT NULL PRIMARY KEY,
    app_id           uuid             NOT NULL REFERENCES apps (id),
    name             text COLLATE "C" NOT NULL,
    name_key         text COLLATE "C" NOT NULL, -- the name in lower case, computed by the program
    slug             text COLLATE "C" NOT NULL,
    access           text COLLATE "C" NOT NULL,
    visibility       text COLLATE "C" NOT NULL,
    keeps            bigint CHECK (keeps > 0), -- NULL for all builds
    open_in_house_at bigint,
    created_at       bigint           NOT NULL,
    closed_at        bigint,
    last_sequence    bigint           NOT NULL DEFAULT 0, -- that of its latest release
    -- The program tells by these names which of them another channel has.
    CONSTRAINT channels_name_taken UNIQUE (app_id, name_key),
    CONSTRAINT channels_slug_taken UNIQUE (slug)
);

CREATE INDEX channels_listed ON channels (name_key, id) WHERE visibility = 'listed' AND closed_at IS NULL;

-- A build put on a channel. The greatest sequence that is not withdrawn is current.
CREATE TABLE releases (
    id               uuid             NOT NULL PRIMARY KEY,
    channel_id       uuid             NOT NULL REFERENCES channels (id),
    sequence         bigint           NOT NULL CHECK (sequence > 0),
    build_id         uuid             NOT NULL REFERENCES builds (id),
    notes            text COLLATE "C" NOT NULL,
    released_at      bigint           NOT NULL,
    released_by_kind text COLLATE "C" NOT NULL,
    released_by_id   uuid,
    withdrawn_at     bigint,
    UNIQUE (channel_id, sequence)
);

CREATE INDEX releases_live ON releases (channel_id, sequence) WHERE withdrawn_at IS NULL;
CREATE INDEX releases_by_channel_and_build ON releases (channel_id, build_id, sequence);
CREATE INDEX releases_by_build ON releases (build_id, id);

-- A machine's secret, as its hash. At most one of app_id and channel_id narrows what it reaches.
CREATE TABLE tokens (
    id           uuid             NOT NULL PRIMARY KEY,
    name         text COLLATE "C" NOT NULL,
    scope        text COLLATE "C" NOT NULL,
    app_id       uuid             REFERENCES apps (id),
    channel_id   uuid             REFERENCES channels (id),
    hash         bytea            NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at   bigint           NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    last_used_at bigint,
    CHECK (app_id IS NULL OR channel_id IS NULL)
);

-- What signs tickets, sealed under the server's secret key.
CREATE TABLE ticket_keys (
    id         uuid   NOT NULL PRIMARY KEY,
    sealed     bytea  NOT NULL,
    created_at bigint NOT NULL,
    retired_at bigint
);

-- Tickets of this subject issued until starts_refused_at are dead.
CREATE TABLE revocations (
    subject_kind       text COLLATE "C" NOT NULL,
    subject_id         uuid             NOT NULL,
    starts_refused_at  bigint           NOT NULL,
    running_refused_at bigint,
    PRIMARY KEY (subject_kind, subject_id)
);

-- One device's try to install a build. Tickets themselves have no rows.
CREATE TABLE attempts (
    id               uuid             NOT NULL PRIMARY KEY,
    ticket_id        uuid             NOT NULL,
    channel_id       uuid             NOT NULL REFERENCES channels (id),
    build_id         uuid             NOT NULL REFERENCES builds (id),
    model            text COLLATE "C" NOT NULL, -- empty when the device did not say
    os_version       text COLLATE "C" NOT NULL,
    os_build         text COLLATE "C" NOT NULL,
    ordinal          bigint           NOT NULL, -- 1, 2, 3 for one ticket, model and OS build: two nodes cannot open the same one
    started_at       bigint           NOT NULL,
    served_until     bigint           NOT NULL,
    last_seen_at     bigint           NOT NULL,
    manifest_at      bigint,
    icon_at          bigint,
    size_asked_at    bigint,
    package_first_at bigint,
    all_sent_at      bigint,
    blocks           bytea            NOT NULL, -- bit n, the least first: the package's MiB n was sent
    UNIQUE (ticket_id, model, os_build, ordinal)
);

CREATE INDEX attempts_by_ticket ON attempts (ticket_id, id);
CREATE INDEX attempts_by_build ON attempts (build_id, id);
CREATE INDEX attempts_by_channel ON attempts (channel_id, id);

-- What was done, by whom, to what. Grows only.
CREATE TABLE audit_entries (
    id           uuid             NOT NULL PRIMARY KEY,
    at           bigint           NOT NULL,
    actor_kind   text COLLATE "C" NOT NULL,
    actor_id     uuid,
    action       text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject_id   uuid             NOT NULL,
    details      text COLLATE "C" NOT NULL -- JSON object
);

CREATE INDEX audit_entries_by_subject ON audit_entries (subject_kind, subject_id, id);

CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never %', TG_ARGV[0];
END
$$;

CREATE TRIGGER audit_entries_never_change BEFORE UPDATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse('changed');

CREATE TRIGGER audit_entries_never_go BEFORE DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse('shortened');

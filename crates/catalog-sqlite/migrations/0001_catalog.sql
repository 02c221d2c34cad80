-- The catalog. PostgreSQL has the same tables with its own types: BLOB ids are uuid, other BLOBs bytea,
-- INTEGER is bigint, TEXT is text COLLATE "C", so that both sort by bytes.
--
-- *_at: milliseconds since 1970 UTC. Ids: 16 bytes, version 7 UUIDs, so they sort by age.
-- JSON is kept as TEXT and never searched; what is searched has a column.
-- *_kind and *_id name somebody or something of several kinds and so have no foreign key.

-- Bytes that the depot holds under the id. The same bytes are kept once.
CREATE TABLE blobs (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    sha256     BLOB    NOT NULL UNIQUE CHECK (length(sha256) = 32),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0)
) STRICT;

-- One bundle identifier on one platform.
CREATE TABLE apps (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    bundle_id  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL, -- the name in lower case, computed by the program
    created_at INTEGER NOT NULL,
    UNIQUE (bundle_id, platform)
) STRICT;

CREATE INDEX apps_by_name ON apps (name_key, id);

-- One uploaded package. Nothing changes but package_blob, which retention sets to NULL.
CREATE TABLE builds (
    id                   BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    app_id               BLOB    NOT NULL REFERENCES apps (id),
    version              TEXT    NOT NULL,
    build_number         TEXT    NOT NULL,
    display_name         TEXT    NOT NULL,
    minimum_os           TEXT,
    families             TEXT    NOT NULL, -- JSON: ["iPhone", …]
    package_sha256       BLOB    NOT NULL UNIQUE CHECK (length(package_sha256) = 32),
    package_size_bytes   INTEGER NOT NULL CHECK (package_size_bytes >= 0),
    package_blob         BLOB    REFERENCES blobs (id),
    executable_uuids     TEXT    NOT NULL, -- JSON: ["018f…", …]
    signing_kind         TEXT,             -- NULL, and all to team_id with it, when no profile could be read
    profile_name         TEXT,
    profile_uuid         TEXT,
    profile_expires_at   INTEGER,
    profile_device_count INTEGER,          -- NULL for any device
    team_name            TEXT,
    team_id              TEXT,
    findings             TEXT    NOT NULL, -- JSON: what the doctor said
    allowed              TEXT    NOT NULL, -- JSON: [{"code": …, "by": …}, …]
    commit_id            TEXT,
    branch               TEXT,
    pull_request         TEXT,
    ci_url               TEXT,
    tags                 TEXT    NOT NULL, -- JSON: ["…", …]
    display_image        BLOB    REFERENCES blobs (id),
    full_size_image      BLOB    REFERENCES blobs (id),
    uploaded_at          INTEGER NOT NULL,
    uploaded_by_kind     TEXT    NOT NULL,
    uploaded_by_id       BLOB
) STRICT;

CREATE INDEX builds_by_app ON builds (app_id, id);
CREATE INDEX builds_by_version ON builds (app_id, version, build_number, id);
CREATE INDEX builds_by_package ON builds (package_blob);
CREATE INDEX builds_by_display_image ON builds (display_image);
CREATE INDEX builds_by_full_size_image ON builds (full_size_image);

-- A named, linkable track of an app.
CREATE TABLE channels (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    app_id           BLOB    NOT NULL REFERENCES apps (id),
    name             TEXT    NOT NULL,
    name_key         TEXT    NOT NULL, -- the name in lower case, computed by the program
    slug             TEXT    NOT NULL UNIQUE,
    access           TEXT    NOT NULL,
    visibility       TEXT    NOT NULL,
    keeps            INTEGER CHECK (keeps > 0), -- NULL for all builds
    open_in_house_at INTEGER,
    created_at       INTEGER NOT NULL,
    closed_at        INTEGER,
    last_sequence    INTEGER NOT NULL DEFAULT 0, -- that of its latest release
    UNIQUE (app_id, name_key)
) STRICT;

CREATE INDEX channels_listed ON channels (name_key, id) WHERE visibility = 'listed' AND closed_at IS NULL;

-- A build put on a channel. The greatest sequence that is not withdrawn is current.
CREATE TABLE releases (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    channel_id       BLOB    NOT NULL REFERENCES channels (id),
    sequence         INTEGER NOT NULL CHECK (sequence > 0),
    build_id         BLOB    NOT NULL REFERENCES builds (id),
    notes            TEXT    NOT NULL,
    released_at      INTEGER NOT NULL,
    released_by_kind TEXT    NOT NULL,
    released_by_id   BLOB,
    withdrawn_at     INTEGER,
    UNIQUE (channel_id, sequence)
) STRICT;

CREATE INDEX releases_live ON releases (channel_id, sequence) WHERE withdrawn_at IS NULL;
CREATE INDEX releases_by_channel_and_build ON releases (channel_id, build_id, sequence);
CREATE INDEX releases_by_build ON releases (build_id, id);

-- A machine's secret, as its hash. At most one of app_id and channel_id narrows what it reaches.
CREATE TABLE tokens (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    app_id       BLOB    REFERENCES apps (id),
    channel_id   BLOB    REFERENCES channels (id),
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    CHECK (app_id IS NULL OR channel_id IS NULL)
) STRICT;

-- What signs tickets, sealed under the server's secret key.
CREATE TABLE ticket_keys (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

-- Tickets of this subject issued until starts_refused_at are dead.
CREATE TABLE revocations (
    subject_kind       TEXT    NOT NULL,
    subject_id         BLOB    NOT NULL CHECK (length(subject_id) = 16),
    starts_refused_at  INTEGER NOT NULL,
    running_refused_at INTEGER,
    PRIMARY KEY (subject_kind, subject_id)
) STRICT, WITHOUT ROWID;

-- One device's try to install a build. Tickets themselves have no rows.
CREATE TABLE attempts (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    ticket_id        BLOB    NOT NULL CHECK (length(ticket_id) = 16),
    channel_id       BLOB    NOT NULL REFERENCES channels (id),
    build_id         BLOB    NOT NULL REFERENCES builds (id),
    model            TEXT    NOT NULL, -- empty when the device did not say
    os_version       TEXT    NOT NULL,
    os_build         TEXT    NOT NULL,
    ordinal          INTEGER NOT NULL, -- 1, 2, 3 for one ticket, model and OS build: two nodes cannot open the same one
    started_at       INTEGER NOT NULL,
    served_until     INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    manifest_at      INTEGER,
    icon_at          INTEGER,
    size_asked_at    INTEGER,
    package_first_at INTEGER,
    all_sent_at      INTEGER,
    blocks           BLOB    NOT NULL, -- bit n, the least first: the package's MiB n was sent
    UNIQUE (ticket_id, model, os_build, ordinal)
) STRICT;

CREATE INDEX attempts_by_ticket ON attempts (ticket_id, id);
CREATE INDEX attempts_by_build ON attempts (build_id, id);
CREATE INDEX attempts_by_channel ON attempts (channel_id, id);

-- What was done, by whom, to what. Grows only.
CREATE TABLE audit_entries (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at           INTEGER NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     BLOB,
    action       TEXT    NOT NULL,
    subject_kind TEXT    NOT NULL,
    subject_id   BLOB    NOT NULL,
    details      TEXT    NOT NULL -- JSON object
) STRICT;

CREATE INDEX audit_entries_by_subject ON audit_entries (subject_kind, subject_id, id);

CREATE TRIGGER audit_entries_never_change BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit log is never changed');
END;

CREATE TRIGGER audit_entries_never_go BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit log is never shortened');
END;

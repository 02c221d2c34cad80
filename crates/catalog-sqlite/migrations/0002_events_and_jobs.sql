-- What happened, for whoever must act on it. Removed after a while, but never the last one: so no number is given out
-- twice, and a reader's place stays good.
CREATE TABLE events (
    number INTEGER NOT NULL PRIMARY KEY,
    id     BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    at     INTEGER NOT NULL,
    topic  TEXT    NOT NULL,
    body   TEXT    NOT NULL -- JSON object
) STRICT;

CREATE INDEX events_by_moment ON events (at);

-- Work that is owed. A job that is done is gone.
CREATE TABLE jobs (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    body        TEXT    NOT NULL,           -- JSON object
    created_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,           -- while a node holds it: until when
    tries       INTEGER NOT NULL DEFAULT 0,
    lease_id    BLOB CHECK (length(lease_id) = 16),
    last_error  TEXT,
    given_up_at INTEGER
) STRICT;

CREATE UNIQUE INDEX jobs_waiting_once ON jobs (kind, subject) WHERE given_up_at IS NULL;
CREATE INDEX jobs_due ON jobs (kind, due_at, id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_waiting ON jobs (id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_given_up ON jobs (id) WHERE given_up_at IS NOT NULL;

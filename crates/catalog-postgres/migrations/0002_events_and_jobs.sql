-- What happened, for whoever must act on it. Removed after a while.
--
-- Units commit out of order, numbers don't: readers go by the transaction, and read only what is older than every
-- transaction that is still open, so that none commits behind their back.
CREATE TABLE events (
    number      bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction bigint           NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    id          uuid             NOT NULL UNIQUE,
    at          bigint           NOT NULL,
    topic       text COLLATE "C" NOT NULL,
    body        text COLLATE "C" NOT NULL -- JSON object
);

CREATE INDEX events_in_order ON events (transaction, number);
CREATE INDEX events_by_moment ON events (at);

-- Work that is owed. A job that is done is gone.
CREATE TABLE jobs (
    id          uuid             NOT NULL PRIMARY KEY,
    kind        text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    body        text COLLATE "C" NOT NULL, -- JSON object
    created_at  bigint           NOT NULL,
    due_at      bigint           NOT NULL, -- while a node holds it: until when
    tries       bigint           NOT NULL DEFAULT 0,
    lease_id    uuid,
    last_error  text COLLATE "C",
    given_up_at bigint
);

CREATE UNIQUE INDEX jobs_waiting_once ON jobs (kind, subject) WHERE given_up_at IS NULL;
CREATE INDEX jobs_due ON jobs (kind, due_at, id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_waiting ON jobs (id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_given_up ON jobs (id) WHERE given_up_at IS NOT NULL;

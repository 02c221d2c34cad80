-- What a server found when it last walked its own road, from its public address to a package. One row.
CREATE TABLE self_checks (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    at         INTEGER NOT NULL,
    public_url TEXT    NOT NULL,
    verdict    TEXT    NOT NULL,
    findings   TEXT    NOT NULL -- JSON array
) STRICT;

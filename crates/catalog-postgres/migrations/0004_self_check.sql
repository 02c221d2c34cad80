-- What a server found when it last walked its own road, from its public address to a package. One row.
CREATE TABLE self_checks (
    id         bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    at         bigint NOT NULL,
    public_url text COLLATE "C" NOT NULL,
    verdict    text COLLATE "C" NOT NULL,
    findings   text COLLATE "C" NOT NULL -- JSON array
);

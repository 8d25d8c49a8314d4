-- The counters of limits. What they count, and for whom, is a digest.

CREATE TABLE usermgr_counters (
    id        BYTEA  NOT NULL PRIMARY KEY,
    hits      BIGINT NOT NULL,
    last_at   BIGINT NOT NULL,
    forget_at BIGINT NOT NULL
);

CREATE INDEX usermgr_counters_forgotten ON usermgr_counters (forget_at);

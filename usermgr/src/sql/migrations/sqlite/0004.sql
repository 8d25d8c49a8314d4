-- The counters of limits. What they count, and for whom, is a digest.

CREATE TABLE usermgr_counters (
    id        BLOB    NOT NULL PRIMARY KEY,
    hits      INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usermgr_counters_forgotten ON usermgr_counters (forget_at);

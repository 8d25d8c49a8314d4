-- The counters of limits. What they count, and for whom, is a digest.

CREATE TABLE IF NOT EXISTS usermgr_counters (
    id        BINARY(16) NOT NULL PRIMARY KEY,
    hits      BIGINT     NOT NULL,
    last_at   BIGINT     NOT NULL,
    forget_at BIGINT     NOT NULL,
    INDEX usermgr_counters_forgotten (forget_at)
) ENGINE = InnoDB;

-- Rows that concurrent changes write so that they collide. Where several servers write, a lock of rows holds on one of them only, and two changes collide only in what both have written.
CREATE TABLE IF NOT EXISTS usermgr_guards (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    turn BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

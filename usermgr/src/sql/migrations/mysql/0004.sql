-- What users are to be told. No row holds a token: they are made when it is delivered.

CREATE TABLE IF NOT EXISTS usermgr_outbox (
    id        VARCHAR(64) NOT NULL PRIMARY KEY,
    event     VARCHAR(64) NOT NULL,
    user_id   {user_id},
    email     VARCHAR(320),
    email_key VARCHAR(320),
    payload   MEDIUMTEXT  NOT NULL,
    attempts  BIGINT      NOT NULL,
    due_at    BIGINT      NOT NULL,
    failed_at BIGINT,
    INDEX usermgr_outbox_due (failed_at, due_at),
    INDEX usermgr_outbox_user (user_id),
    INDEX usermgr_outbox_email (email_key),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

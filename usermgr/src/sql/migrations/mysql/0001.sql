-- Ids of type {kind}. Times are microseconds since 1970-01-01T00:00:00Z. Texts are compared byte by byte, whatever the server's collation.
-- Each statement commits at once, and so must do no harm when it is repeated.

CREATE TABLE IF NOT EXISTS usermgr_users (
    id            {id} NOT NULL PRIMARY KEY,
    email         VARCHAR(320) NOT NULL,
    email_key     VARCHAR(320) NOT NULL UNIQUE,
    password_hash TEXT,
    is_active     BOOLEAN      NOT NULL,
    is_superuser  BOOLEAN      NOT NULL,
    is_verified   BOOLEAN      NOT NULL,
    created_at    BIGINT       NOT NULL,
    stamp         BINARY(16)   NOT NULL,
    version       BIGINT       NOT NULL,
    -- What MariaDB makes of JSON. MySQL's own type would order the keys anew and round numbers.
    profile       LONGTEXT     NOT NULL CHECK (JSON_VALID(profile)),
    INDEX usermgr_users_superusers (is_superuser, is_active)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS usermgr_sessions (
    id               VARCHAR(64)  NOT NULL PRIMARY KEY,
    digest           VARCHAR(64)  NOT NULL UNIQUE,
    user_id          {user_id} NOT NULL,
    stamp            BINARY(16)   NOT NULL,
    backend          VARCHAR(255) NOT NULL,
    authenticated_at BIGINT       NOT NULL,
    seen_at          BIGINT       NOT NULL,
    expires_at       BIGINT       NOT NULL,
    ip               VARCHAR(64),
    user_agent       MEDIUMTEXT,
    refresh_digest   VARCHAR(64),
    rotated_at       BIGINT,
    rotated_by       VARCHAR(64),
    INDEX usermgr_sessions_user (user_id),
    INDEX usermgr_sessions_expiry (expires_at),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS usermgr_ended_tokens (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    expires_at BIGINT      NOT NULL,
    INDEX usermgr_ended_tokens_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

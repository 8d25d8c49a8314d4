-- Ids of type {kind}. Times are microseconds since 1970-01-01T00:00:00Z. Texts are compared byte by byte, whatever the collation of the server.
-- Each statement commits at once, and so must do no harm when it is repeated.

-- Which migrations were applied, and the oldest version of the library, by the number of its last migration, that works over the tables since.
CREATE TABLE IF NOT EXISTS usermgr_migrations (
    version    BIGINT      NOT NULL PRIMARY KEY,
    checksum   VARCHAR(64) NOT NULL,
    oldest     BIGINT      NOT NULL,
    applied_at BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS usermgr_users (
    id            {id} NOT NULL PRIMARY KEY,
    email         VARCHAR(320) NOT NULL,
    email_key     VARCHAR(320) NOT NULL UNIQUE,
    -- Null for a user without a user name.
    username      VARCHAR(64),
    username_key  VARCHAR(64)  UNIQUE,
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
    -- A session with refresh tokens keeps the digest of the one that is valid.
    refresh_digest   VARCHAR(64),
    rotated_at       BIGINT,
    rotated_by       VARCHAR(64),
    -- The methods of the login, as RFC 8176 names them. Null is a password alone.
    amr              VARCHAR(255),
    -- The administrator who acts in it, as the claim act of a token. Null is the user.
    actor            VARCHAR(2048),
    INDEX usermgr_sessions_user (user_id),
    INDEX usermgr_sessions_expiry (expires_at),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Signed tokens that ended before they expired, and tokens that were used up.
CREATE TABLE IF NOT EXISTS usermgr_ended_tokens (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    expires_at BIGINT      NOT NULL,
    INDEX usermgr_ended_tokens_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What lasts of a user beside the password: identities at providers, second factors, keys. The lookup is a digest. No secret stands in the clear.
CREATE TABLE IF NOT EXISTS usermgr_credentials (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    user_id    {user_id} NOT NULL,
    kind       VARCHAR(64) NOT NULL,
    lookup     VARCHAR(64),
    label      TEXT,
    data       MEDIUMTEXT  NOT NULL,
    version    BIGINT      NOT NULL,
    created_at BIGINT      NOT NULL,
    used_at    BIGINT,
    expires_at BIGINT,
    UNIQUE INDEX usermgr_credentials_lookup (kind, lookup),
    INDEX usermgr_credentials_user (user_id),
    INDEX usermgr_credentials_expiry (expires_at),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was begun and waits for its second step. The id is the digest of a token.
CREATE TABLE IF NOT EXISTS usermgr_pending (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    purpose    VARCHAR(64) NOT NULL,
    user_id    {user_id},
    data       MEDIUMTEXT  NOT NULL,
    attempts   BIGINT      NOT NULL,
    expires_at BIGINT      NOT NULL,
    INDEX usermgr_pending_user (user_id),
    INDEX usermgr_pending_expiry (expires_at),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The counters of limits. What they count, and for which account or address, is a digest.
CREATE TABLE IF NOT EXISTS usermgr_counters (
    id        BINARY(16) NOT NULL PRIMARY KEY,
    hits      BIGINT     NOT NULL,
    last_at   BIGINT     NOT NULL,
    forget_at BIGINT     NOT NULL,
    INDEX usermgr_counters_forgotten (forget_at)
) ENGINE = InnoDB;

-- Notifications that are yet to be delivered. No row holds a token: tokens are made at the delivery.
CREATE TABLE IF NOT EXISTS usermgr_outbox (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    event      VARCHAR(64) NOT NULL,
    user_id    {user_id},
    email      VARCHAR(320),
    email_key  VARCHAR(320),
    payload    MEDIUMTEXT  NOT NULL,
    attempts   BIGINT      NOT NULL,
    due_at     BIGINT      NOT NULL,
    failed_at  BIGINT,
    last_error MEDIUMTEXT,
    INDEX usermgr_outbox_due (failed_at, due_at),
    INDEX usermgr_outbox_user (user_id),
    INDEX usermgr_outbox_email (email_key),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The latest logins and refused logins of users.
CREATE TABLE IF NOT EXISTS usermgr_logins (
    id          VARCHAR(64) NOT NULL PRIMARY KEY,
    user_id     {user_id} NOT NULL,
    happened_at BIGINT      NOT NULL,
    -- Null is a login. A refused login has a reason.
    reason      VARCHAR(255),
    -- The methods, as in usermgr_sessions.
    amr         VARCHAR(255),
    ip          VARCHAR(64),
    user_agent  TEXT,
    INDEX usermgr_logins_user (user_id, happened_at),
    INDEX usermgr_logins_age (happened_at),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Rows that concurrent changes write so that they collide. Where several servers write, a lock of rows holds on one of them only, and two
-- changes collide only in what both have written.
CREATE TABLE IF NOT EXISTS usermgr_guards (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    turn BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Ids of type {kind}. Times are microseconds since 1970-01-01T00:00:00Z. Texts are ordered byte by byte, whatever the database's locale.

CREATE TABLE usermgr_users (
    id            {id} PRIMARY KEY,
    email         TEXT    NOT NULL,
    email_key     TEXT    COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT,
    is_active     BOOLEAN NOT NULL,
    is_superuser  BOOLEAN NOT NULL,
    is_verified   BOOLEAN NOT NULL,
    created_at    BIGINT  NOT NULL,
    stamp         BYTEA   NOT NULL CHECK (length(stamp) = 16),
    version       BIGINT  NOT NULL,
    -- Not JSONB, which refuses the character U+0000 and so would let a client's profile fail the store.
    profile       JSON    NOT NULL
);

-- Few rows among many: whoever counts them locks them.
CREATE INDEX usermgr_users_superusers ON usermgr_users (id) WHERE is_superuser AND is_active;

CREATE TABLE usermgr_sessions (
    id               TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    digest           TEXT   COLLATE "C" NOT NULL UNIQUE,
    user_id          {user_id} NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    stamp            BYTEA  NOT NULL CHECK (length(stamp) = 16),
    backend          TEXT   NOT NULL,
    authenticated_at BIGINT NOT NULL,
    seen_at          BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ip               TEXT,
    user_agent       TEXT,
    refresh_digest   TEXT,
    rotated_at       BIGINT,
    rotated_by       TEXT
);

CREATE INDEX usermgr_sessions_user ON usermgr_sessions (user_id);
CREATE INDEX usermgr_sessions_expiry ON usermgr_sessions (expires_at);

CREATE TABLE usermgr_ended_tokens (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX usermgr_ended_tokens_expiry ON usermgr_ended_tokens (expires_at);

-- Ids of type {kind}. Times are microseconds since 1970-01-01T00:00:00Z.

CREATE TABLE usermgr_users (
    id            {id},
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    password_hash TEXT,
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    is_superuser  INTEGER NOT NULL CHECK (is_superuser IN (0, 1)),
    is_verified   INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    created_at    INTEGER NOT NULL,
    stamp         BLOB    NOT NULL CHECK (length(stamp) = 16),
    version       INTEGER NOT NULL,
    profile       TEXT    NOT NULL CHECK (json_valid(profile))
) STRICT;

-- Few rows among many: whoever counts them holds the write lock.
CREATE INDEX usermgr_users_superusers ON usermgr_users (id) WHERE is_superuser AND is_active;

CREATE TABLE usermgr_sessions (
    id               TEXT    NOT NULL PRIMARY KEY,
    digest           TEXT    NOT NULL UNIQUE,
    user_id          {user_id} NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    stamp            BLOB    NOT NULL CHECK (length(stamp) = 16),
    backend          TEXT    NOT NULL,
    authenticated_at INTEGER NOT NULL,
    seen_at          INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    ip               TEXT,
    user_agent       TEXT
) STRICT;

CREATE INDEX usermgr_sessions_user ON usermgr_sessions (user_id);
CREATE INDEX usermgr_sessions_expiry ON usermgr_sessions (expires_at);

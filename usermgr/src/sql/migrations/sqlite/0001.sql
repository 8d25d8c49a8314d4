-- Ids of type {kind}. Times are microseconds since 1970-01-01T00:00:00Z.

-- Which migrations were applied, and the oldest version of the library, by the number of its last migration, that works over the tables since.
CREATE TABLE usermgr_migrations (
    version    INTEGER NOT NULL PRIMARY KEY,
    checksum   TEXT    NOT NULL,
    oldest     INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE usermgr_users (
    id            {id},
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    -- Null for a user without a user name.
    username      TEXT,
    username_key  TEXT    UNIQUE,
    password_hash TEXT,
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    is_superuser  INTEGER NOT NULL CHECK (is_superuser IN (0, 1)),
    is_verified   INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    created_at    INTEGER NOT NULL,
    stamp         BLOB    NOT NULL CHECK (length(stamp) = 16),
    version       INTEGER NOT NULL,
    profile       TEXT    NOT NULL CHECK (json_valid(profile))
) STRICT;

-- Few rows among many: a transaction that counts them holds the write lock.
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
    user_agent       TEXT,
    -- A session with refresh tokens keeps the digest of the one that is valid.
    refresh_digest   TEXT,
    rotated_at       INTEGER,
    rotated_by       TEXT,
    -- The methods of the login, as RFC 8176 names them. Null is a password alone.
    amr              TEXT,
    -- The administrator who acts in it, as the claim act of a token. Null is the user.
    actor            TEXT
) STRICT;

CREATE INDEX usermgr_sessions_user ON usermgr_sessions (user_id);
CREATE INDEX usermgr_sessions_expiry ON usermgr_sessions (expires_at);

-- Signed tokens that ended before they expired, and tokens that were used up.
CREATE TABLE usermgr_ended_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usermgr_ended_tokens_expiry ON usermgr_ended_tokens (expires_at);

-- What lasts of a user beside the password: identities at providers, second factors, keys. The lookup is a digest. No secret stands in the clear.
CREATE TABLE usermgr_credentials (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    {user_id} NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    lookup     TEXT,
    label      TEXT,
    data       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    expires_at INTEGER,
    UNIQUE (kind, lookup)
) STRICT;

CREATE INDEX usermgr_credentials_user ON usermgr_credentials (user_id);
CREATE INDEX usermgr_credentials_expiry ON usermgr_credentials (expires_at) WHERE expires_at IS NOT NULL;

-- What was begun and waits for its second step. The id is the digest of a token.
CREATE TABLE usermgr_pending (
    id         TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    user_id    {user_id} REFERENCES usermgr_users (id) ON DELETE CASCADE,
    data       TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usermgr_pending_user ON usermgr_pending (user_id);
CREATE INDEX usermgr_pending_expiry ON usermgr_pending (expires_at);

-- The counters of limits. What they count, and for which account or address, is a digest.
CREATE TABLE usermgr_counters (
    id        BLOB    NOT NULL PRIMARY KEY,
    hits      INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usermgr_counters_forgotten ON usermgr_counters (forget_at);

-- Notifications that are yet to be delivered. No row holds a token: tokens are made at the delivery.
CREATE TABLE usermgr_outbox (
    id         TEXT    NOT NULL PRIMARY KEY,
    event      TEXT    NOT NULL,
    user_id    {user_id} REFERENCES usermgr_users (id) ON DELETE CASCADE,
    email      TEXT,
    email_key  TEXT,
    payload    TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    failed_at  INTEGER,
    last_error TEXT
) STRICT;

CREATE INDEX usermgr_outbox_due ON usermgr_outbox (failed_at, due_at);
CREATE INDEX usermgr_outbox_user ON usermgr_outbox (user_id);
CREATE INDEX usermgr_outbox_email ON usermgr_outbox (email_key);

-- The latest logins and refused logins of users.
CREATE TABLE usermgr_logins (
    id          TEXT    NOT NULL PRIMARY KEY,
    user_id     {user_id} NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    happened_at INTEGER NOT NULL,
    -- Null is a login. A refused login has a reason.
    reason      TEXT,
    -- The methods, as in usermgr_sessions.
    amr         TEXT,
    ip          TEXT,
    user_agent  TEXT
) STRICT;

CREATE INDEX usermgr_logins_user ON usermgr_logins (user_id, happened_at);
CREATE INDEX usermgr_logins_age ON usermgr_logins (happened_at);

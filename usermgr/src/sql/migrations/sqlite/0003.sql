-- Refresh tokens: a session that has them keeps the digest of the right one. Signed tokens that have ended before their time.

ALTER TABLE usermgr_sessions ADD COLUMN refresh_digest TEXT;
ALTER TABLE usermgr_sessions ADD COLUMN rotated_at INTEGER;
ALTER TABLE usermgr_sessions ADD COLUMN rotated_by TEXT;

CREATE TABLE usermgr_ended_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usermgr_ended_tokens_expiry ON usermgr_ended_tokens (expires_at);

-- What users are to be told. No row holds a token: they are made when it is delivered.

CREATE TABLE usermgr_outbox (
    id        TEXT    NOT NULL PRIMARY KEY,
    event     TEXT    NOT NULL,
    user_id   {user_id} REFERENCES usermgr_users (id) ON DELETE CASCADE,
    email     TEXT,
    email_key TEXT,
    payload   TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    due_at    INTEGER NOT NULL,
    failed_at INTEGER
) STRICT;

CREATE INDEX usermgr_outbox_due ON usermgr_outbox (failed_at, due_at);
CREATE INDEX usermgr_outbox_user ON usermgr_outbox (user_id);
CREATE INDEX usermgr_outbox_email ON usermgr_outbox (email_key);

-- What users are to be told. No row holds a token: they are made when it is delivered.

CREATE TABLE usermgr_outbox (
    id        TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    event     TEXT   NOT NULL,
    user_id   {user_id} REFERENCES usermgr_users (id) ON DELETE CASCADE,
    email     TEXT,
    email_key TEXT   COLLATE "C",
    payload   TEXT   NOT NULL,
    attempts  BIGINT NOT NULL,
    due_at    BIGINT NOT NULL,
    failed_at BIGINT
);

CREATE INDEX usermgr_outbox_due ON usermgr_outbox (failed_at, due_at);
CREATE INDEX usermgr_outbox_user ON usermgr_outbox (user_id);
CREATE INDEX usermgr_outbox_email ON usermgr_outbox (email_key);

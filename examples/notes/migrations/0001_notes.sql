-- `usermgr_users` is there already: the store is opened before these migrations run.
CREATE TABLE notes (
    id      INTEGER PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    text    TEXT NOT NULL
);
CREATE INDEX notes_by_user ON notes (user_id);

-- An invitation that was used goes with its user, so that no code works twice.
CREATE TABLE invitations (
    code    TEXT NOT NULL PRIMARY KEY,
    used_by BLOB UNIQUE REFERENCES usermgr_users (id) ON DELETE CASCADE
);

-- Who a user is at other providers. Their tokens have no column.

CREATE TABLE usermgr_oauth_accounts (
    provider TEXT NOT NULL,
    subject  TEXT NOT NULL,
    user_id  {user_id} NOT NULL REFERENCES usermgr_users (id) ON DELETE CASCADE,
    email    TEXT,
    PRIMARY KEY (provider, subject)
) STRICT;

CREATE INDEX usermgr_oauth_accounts_user ON usermgr_oauth_accounts (user_id);

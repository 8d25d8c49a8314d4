-- Who a user is at other providers. Their tokens have no column.

CREATE TABLE IF NOT EXISTS usermgr_oauth_accounts (
    provider VARCHAR(100) NOT NULL,
    subject  VARCHAR(320) NOT NULL,
    user_id  {user_id} NOT NULL,
    email    VARCHAR(320),
    PRIMARY KEY (provider, subject),
    INDEX usermgr_oauth_accounts_user (user_id),
    FOREIGN KEY (user_id) REFERENCES usermgr_users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

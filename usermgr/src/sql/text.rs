//! The statements, one text for every database: how a database marks values, and what it says in its own way, goes in.

/// Writes the module `text` of a database's statements.
///
/// - `values`: how the first thirteen values of a statement are marked.
/// - `flags`: how the three flags are read as one number: 1 for active, 2 for superuser and 4 for verified. A column less is one less
///   to be copied at every request.
/// - `profile`: how a profile, bound as text, is written as the ninth value, and how it is read as text.
/// - `numbered`: what an insertion says behind its values to learn the number that the database gave.
/// - `hold_user`: what a selection says behind itself to keep the row of a user while a row that refers to it is written, where the
///   foreign key would do so too late.
/// - `lock_user`: what a selection of users says behind itself to keep their rows as they are.
/// - `unless_there`: what an insertion says behind itself where a row that is there already must not end the transaction.
/// - `lock_and_count_superusers`: the statement that does.
macro_rules! statements {
    (
        values: [$_1:literal $_2:literal $_3:literal $_4:literal $_5:literal $_6:literal $_7:literal $_8:literal $_9:literal
            $_10:literal $_11:literal $_12:literal $_13:literal],
        flags: $flags:literal,
        profile: ($write_profile:literal, $read_profile:literal),
        numbered: $numbered:literal,
        hold_user: $hold_user:literal,
        lock_user: $lock_user:literal,
        unless_there: $unless_there:literal,
        lock_and_count_superusers: $lock_and_count_superusers:literal $(,)?
    ) => {
        mod text {
            macro_rules! account {
                ($rest:expr) => {
                    concat!(
                        "SELECT u.id, u.email, u.password_hash, ",
                        $flags,
                        ", u.created_at, u.stamp, u.version, ",
                        $read_profile,
                        $rest
                    )
                };
            }

            pub(super) const FIND_BY_ID: &str = account!(concat!(" FROM usermgr_users u WHERE u.id = ", $_1));
            pub(super) const FIND_LOCKED: &str =
                account!(concat!(" FROM usermgr_users u WHERE u.id = ", $_1, $lock_user));
            pub(super) const FIND_BOTH_LOCKED: &str = account!(concat!(
                " FROM usermgr_users u WHERE u.id IN (", $_1, ", ", $_2, ") ORDER BY u.id", $lock_user
            ));
            pub(super) const FIND_BY_EMAIL: &str = account!(concat!(" FROM usermgr_users u WHERE u.email_key = ", $_1));
            pub(super) const LIST: &str = account!(concat!(" FROM usermgr_users u ORDER BY u.id LIMIT ", $_1));
            pub(super) const LIST_AFTER: &str =
                account!(concat!(" FROM usermgr_users u WHERE u.id > ", $_1, " ORDER BY u.id LIMIT ", $_2));
            pub(super) const FIND_UNLESS_ENDED: &str = account!(concat!(
                " FROM usermgr_users u WHERE u.id = ", $_1,
                " AND NOT EXISTS (SELECT 1 FROM usermgr_ended_tokens e WHERE e.id = ", $_2, ")"
            ));

            macro_rules! session {
                ($rest:expr) => {
                    concat!(
                        "s.id, s.digest, s.stamp, s.backend, s.authenticated_at, s.seen_at, \
                         s.expires_at, s.ip, s.user_agent, s.refresh_digest, s.rotated_at, s.rotated_by FROM usermgr_sessions s",
                        $rest
                    )
                };
            }

            pub(super) const FIND_SESSION_BY_DIGEST: &str = account!(concat!(
                ", ", session!(concat!(" JOIN usermgr_users u ON u.id = s.user_id WHERE s.digest = ", $_1))
            ));
            pub(super) const FIND_SESSION_BY_ID: &str = account!(concat!(
                ", ", session!(concat!(" JOIN usermgr_users u ON u.id = s.user_id WHERE s.id = ", $_1))
            ));
            pub(super) const LIST_SESSIONS: &str = concat!(
                "SELECT ",
                session!(concat!(" WHERE s.user_id = ", $_1, " ORDER BY s.authenticated_at DESC, s.id DESC"))
            );
            pub(super) const FIND_SESSION_OF: &str = concat!(
                "SELECT ",
                session!(concat!(" WHERE s.user_id = ", $_1, " AND s.id = ", $_2))
            );
            pub(super) const HAS_TOKEN_ENDED: &str =
                concat!("SELECT 1 FROM usermgr_ended_tokens WHERE id = ", $_1);
            pub(super) const INSERT: &str = concat!(
                "INSERT INTO usermgr_users (email, email_key, password_hash, is_active, is_superuser, is_verified, created_at, stamp, \
                 profile, version, id) VALUES (",
                $_1, ", ", $_2, ", ", $_3, ", ", $_4, ", ", $_5, ", ", $_6, ", ", $_7, ", ", $_8, ", ", $write_profile, ", 0, ", $_10,
                ")"
            );
            pub(super) const INSERT_NUMBERED: &str = concat!(
                "INSERT INTO usermgr_users (email, email_key, password_hash, is_active, is_superuser, is_verified, created_at, stamp, \
                 profile, version) VALUES (",
                $_1, ", ", $_2, ", ", $_3, ", ", $_4, ", ", $_5, ", ", $_6, ", ", $_7, ", ", $_8, ", ", $write_profile, ", 0)",
                $numbered
            );
            pub(super) const UPDATE: &str = concat!(
                // The key first, since MySQL takes what stands behind it from the new row. An address that stays keeps the key it has,
                // which may have been made by other rules.
                "UPDATE usermgr_users SET email_key = CASE WHEN email = ", $_1, " THEN email_key ELSE ", $_2, " END, password_hash = ", $_3, ", is_active = ", $_4,
                ", is_superuser = ", $_5, ", is_verified = ", $_6, ", created_at = ", $_7, ", stamp = ", $_8, ", profile = ",
                $write_profile, ", email = ", $_10, ", version = version + 1 WHERE id = ", $_11, " AND version = ", $_12
            );
            pub(super) const DELETE: &str = concat!("DELETE FROM usermgr_users WHERE id = ", $_1);
            pub(super) const LOCK_AND_COUNT_SUPERUSERS: &str = $lock_and_count_superusers;
            pub(super) const INSERT_SESSION: &str = concat!(
                "INSERT INTO usermgr_sessions (id, digest, user_id, stamp, backend, authenticated_at, seen_at, expires_at, ip, \
                 user_agent, refresh_digest, rotated_at, rotated_by) VALUES (",
                $_1, ", ", $_2, ", (SELECT id FROM usermgr_users WHERE id = ", $_3, $hold_user, "), ",
                $_4, ", ", $_5, ", ", $_6, ", ", $_7, ", ", $_8, ", ", $_9, ", ", $_10, ", ", $_11, ", ", $_12, ", ", $_13, ")"
            );
            pub(super) const TOUCH_SESSION: &str =
                concat!("UPDATE usermgr_sessions SET seen_at = ", $_1, " WHERE id = ", $_2);
            pub(super) const ROTATE_SESSION: &str = concat!(
                "UPDATE usermgr_sessions SET refresh_digest = ", $_1, ", rotated_at = ", $_2, ", rotated_by = ", $_3, " WHERE id = ", $_4,
                " AND refresh_digest = ", $_5
            );
            pub(super) const RESTAMP_SESSION: &str =
                concat!("UPDATE usermgr_sessions SET stamp = ", $_1, " WHERE id = ", $_2);
            pub(super) const REVOKE_ONE: &str =
                concat!("DELETE FROM usermgr_sessions WHERE user_id = ", $_1, " AND id = ", $_2);
            pub(super) const REVOKE_USER: &str = concat!("DELETE FROM usermgr_sessions WHERE user_id = ", $_1);
            pub(super) const INSERT_IDENTITY: &str = concat!(
                "INSERT INTO usermgr_oauth_accounts (provider, subject, email, user_id) VALUES (",
                $_1, ", ", $_2, ", ", $_3, ", ", $_4, ")"
            );
            pub(super) const IDENTITIES: &str = concat!(
                "SELECT provider, subject, email FROM usermgr_oauth_accounts WHERE user_id = ", $_1,
                " ORDER BY provider, subject"
            );
            pub(super) const UNLINK_USER: &str = concat!("DELETE FROM usermgr_oauth_accounts WHERE user_id = ", $_1);
            pub(super) const REVOKE_OTHERS: &str =
                concat!("DELETE FROM usermgr_sessions WHERE user_id = ", $_1, " AND id <> ", $_2);
            // The selection within the selection is for MySQL, which neither reads what it deletes nor takes a limit there.
            pub(super) const REVOKE_OLDEST: &str = concat!(
                "DELETE FROM usermgr_sessions WHERE user_id = ", $_1, " AND id <> ", $_2, " AND id NOT IN (SELECT id FROM (SELECT id FROM \
                 usermgr_sessions WHERE user_id = ", $_3, " AND id <> ", $_4, " ORDER BY authenticated_at DESC, id DESC LIMIT ", $_5,
                ") newest)"
            );
            pub(super) const END_TOKEN: &str = concat!(
                "INSERT INTO usermgr_ended_tokens (id, expires_at) VALUES (", $_1, ", ", $_2, ")", $unless_there
            );
            pub(super) const PURGE_ENDED_TOKENS: &str =
                concat!("DELETE FROM usermgr_ended_tokens WHERE expires_at < ", $_1);
            pub(super) const COUNTER: &str =
                concat!("SELECT hits, last_at FROM usermgr_counters WHERE id = ", $_1);
            pub(super) const INSERT_COUNTER: &str = concat!(
                "INSERT INTO usermgr_counters (hits, last_at, forget_at, id) VALUES (", $_1, ", ", $_2, ", ", $_3, ", ", $_4, ")"
            );
            pub(super) const SWAP_COUNTER: &str = concat!(
                "UPDATE usermgr_counters SET hits = ", $_1, ", last_at = ", $_2, ", forget_at = ", $_3, " WHERE id = ", $_4,
                " AND hits = ", $_5, " AND last_at = ", $_6
            );
            pub(super) const REFUND_COUNTER: &str = concat!(
                "UPDATE usermgr_counters SET hits = hits - 1, last_at = CASE WHEN last_at = ", $_1, " THEN ", $_2,
                " ELSE last_at END WHERE id = ", $_3, " AND hits > 0"
            );
            pub(super) const CLEAR_COUNTER: &str = concat!("DELETE FROM usermgr_counters WHERE id = ", $_1);
            pub(super) const PURGE_COUNTERS: &str = concat!("DELETE FROM usermgr_counters WHERE forget_at <= ", $_1);
            pub(super) const FORGET_USER: &str = concat!("DELETE FROM usermgr_outbox WHERE user_id = ", $_1);
            pub(super) const FORGET_ADDRESS: &str = concat!(
                "DELETE FROM usermgr_outbox WHERE email_key = (SELECT email_key FROM usermgr_users WHERE id = ", $_1, ")"
            );
            #[cfg(feature = "outbox")]
            pub(super) const PUSH_TO_USER: &str = concat!(
                "INSERT INTO usermgr_outbox (id, event, payload, attempts, due_at, user_id) SELECT ",
                $_1, ", ", $_2, ", ", $_3, ", ", $_4, ", ", $_5, ", id FROM usermgr_users WHERE id = ", $_6, $hold_user
            );
            #[cfg(feature = "outbox")]
            pub(super) const PUSH_TO_ADDRESS: &str = concat!(
                "INSERT INTO usermgr_outbox (id, event, payload, attempts, due_at, email, email_key) VALUES (",
                $_1, ", ", $_2, ", ", $_3, ", ", $_4, ", ", $_5, ", ", $_6, ", ", $_7, ")"
            );
            #[cfg(feature = "outbox")]
            pub(super) const DUE: &str = concat!(
                "SELECT id, event, user_id, email, payload, attempts FROM usermgr_outbox WHERE failed_at IS NULL AND due_at <= ",
                $_1, " ORDER BY due_at, id LIMIT ", $_2
            );
            #[cfg(feature = "outbox")]
            pub(super) const CLAIM: &str = concat!(
                "UPDATE usermgr_outbox SET attempts = attempts + 1, due_at = ", $_1, " WHERE id = ", $_2, " AND attempts = ", $_3,
                " AND failed_at IS NULL AND due_at <= ", $_4
            );
            #[cfg(feature = "outbox")]
            pub(super) const DONE: &str = concat!("DELETE FROM usermgr_outbox WHERE id = ", $_1);
            #[cfg(feature = "outbox")]
            pub(super) const RETRY: &str =
                concat!("UPDATE usermgr_outbox SET due_at = ", $_1, " WHERE id = ", $_2, " AND attempts = ", $_3);
            #[cfg(feature = "outbox")]
            pub(super) const FAIL: &str =
                concat!("UPDATE usermgr_outbox SET failed_at = ", $_1, " WHERE id = ", $_2, " AND attempts = ", $_3);
            #[cfg(feature = "outbox")]
            pub(super) const PURGE_FAILED: &str = concat!("DELETE FROM usermgr_outbox WHERE failed_at < ", $_1);
            pub(super) const PURGE_SESSIONS: &str = concat!("DELETE FROM usermgr_sessions WHERE expires_at < ", $_1);
        }
    };
}

pub(super) use statements;

//! What texts may name: the values that are filled in, by the beginning of the key.

/// The beginning of a key, and the values of the texts that begin with it. The first row counts that fits.
const ROWS: &[(&str, &[&str])] = &[
    ("date.format", &["day", "month", "year", "hour", "minute"]),
    ("mail.browser_on", &["browser", "system"]),
    ("verify.", LINKED),
    ("reset.", LINKED),
    ("invitation.", LINKED),
    ("login.", LINKED),
    ("change_email.", LINKED),
    ("already_registered.", NOTICE),
    ("password_changed.", NOTICE),
    ("email_changed.", NOTICE),
    ("username_changed.", NOTICE),
    ("token_theft.", NOTICE),
    ("impersonated.", NOTICE),
    ("locked_out.", NOTICE),
    ("identity_linked.", IDENTITY),
    ("identity_unlinked.", IDENTITY),
    ("factor_", FACTOR),
    ("api_key_created.", KEY),
    ("second_factor_failed.", NOTICE),
    ("recovery_code_used.", CODES),
    ("pages.link.with", PROVIDER),
    ("pages.link.add", PROVIDER),
    ("pages.leave.", PROVIDER),
    ("pages.check_mail.lead", NOTICE),
    ("pages.code.TOO_MANY_REQUESTS", &["brand", "until"]),
    ("pages.hint.password", LIMIT),
    ("pages.password.", LIMIT),
    ("pages.name.", LIMIT),
    ("pages.user.title", NOTICE),
    ("pages.verify.lead", NOTICE),
    ("pages.mail_login.lead", NOTICE),
    ("pages.accept_invitation.lead", NOTICE),
    ("pages.withdraw_invitation.lead", NOTICE),
    ("pages.confirm_email.lead", NOTICE),
    ("pages.delete.lead", NOTICE),
    ("pages.block.lead", NOTICE),
    ("pages.unblock.lead", NOTICE),
    ("pages.mark_verified.lead", NOTICE),
    ("pages.promote.lead", NOTICE),
    ("pages.demote.lead", NOTICE),
    ("pages.send_reset.lead", NOTICE),
    ("pages.send_verify.lead", NOTICE),
    ("pages.end_sessions.lead", NOTICE),
    ("pages.log_in_as.lead", NOTICE),
    ("pages.acting.", NOTICE),
    ("pages.delete_user.lead", NOTICE),
    ("pages.remove_all_factors.lead", NOTICE),
    ("pages.revoke_all_keys.lead", NOTICE),
    ("pages.remove_factor.lead", &["brand", "factor"]),
    ("pages.rotate_key.lead", &["brand", "key"]),
    ("pages.", &["brand"]),
];

const LINKED: &[&str] = &["brand", "address", "until"];
const NOTICE: &[&str] = &["brand", "address"];
const PROVIDER: &[&str] = &["brand", "provider"];
const FACTOR: &[&str] = &["brand", "address", "factor"];
const KEY: &[&str] = &["brand", "address", "hint"];
const CODES: &[&str] = &["brand", "address", "left"];
const LIMIT: &[&str] = &["brand", "limit"];
const IDENTITY: &[&str] = &["brand", "address", "provider"];

/// Beginnings of keys to which an application adds its own: the codes of its hooks and its policy, and the labels of its fields.
const OPEN: &[&str] = &["pages.code.", "pages.password.", "pages.field."];

/// The values that a text may name.
pub(super) fn values(key: &str) -> &'static [&'static str] {
    ROWS.iter().find(|(beginning, _)| key.starts_with(beginning)).map_or(&[], |(_, values)| values)
}

/// Whether an application may have a text of this name that the library does not have.
pub(super) fn is_open(key: &str) -> bool {
    cfg!(feature = "pages")
        && OPEN.iter().any(|beginning| key.strip_prefix(beginning).is_some_and(|own| !own.is_empty()))
}

//! The mails: a row for each message, with what its texts may say. Names are those of [`Message::name`](crate::mail::Message::name).

/// What is known of one kind of mail before there is one.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Where its link leads, below the base URL. A kind without a link has none.
    pub(super) path: Option<&'static str>,
    /// Whether it says when something happened, and from where.
    pub(super) has_facts: bool,
    /// Whether it has a code to type.
    pub(super) has_code: bool,
}

/// All kinds.
pub(super) const KINDS: [Kind; 19] = [
    linked("verify", "/account/verify?token={token}"),
    linked("reset", "/account/reset?token={token}"),
    linked("invitation", "/account/accept-invitation?token={token}"),
    Kind { has_code: true, ..linked("login", "/account/mail-login?token={token}") },
    linked("change_email", "/account/confirm-email?token={token}"),
    Kind { has_facts: false, ..notice("already_registered") },
    notice("password_changed"),
    notice("email_changed"),
    notice("username_changed"),
    notice("token_theft"),
    notice("impersonated"),
    notice("locked_out"),
    notice("identity_linked"),
    notice("identity_unlinked"),
    notice("factor_added"),
    notice("factor_removed"),
    notice("api_key_created"),
    notice("second_factor_failed"),
    notice("recovery_code_used"),
];

const fn linked(name: &'static str, path: &'static str) -> Kind {
    Kind { name, path: Some(path), has_facts: false, has_code: false }
}

const fn notice(name: &'static str) -> Kind {
    Kind { name, path: None, has_facts: true, has_code: false }
}

impl Kind {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }
}

/// The names of all kinds, for an error.
pub(super) fn names() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presentation::Texts;

    #[test]
    fn every_mail_has_its_texts() {
        let texts = Texts::new(&[], None, "en", &mut Vec::new());
        for kind in &KINDS {
            let has = |part: &str| texts.get("en", &format!("{}.{part}", kind.name), &[]).is_some();
            assert!(["subject", "before", "after"].into_iter().all(has), "{}", kind.name);
            assert_eq!(has("button"), kind.path.is_some(), "{}", kind.name);
        }
    }
}

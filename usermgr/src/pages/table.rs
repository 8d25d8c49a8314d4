//! The pages: a row for each, with what it shows and what its form does. The adapters mount them, the links between them are made from them,
//! and the tests go through them.

use super::{
    fields::{
        CODE, CREDENTIAL, CURRENT_PASSWORD, DAYS, EMAIL, EMAIL_OF_OTHER, FIRST_PASSWORD, IDENTIFIER, LABEL,
        LABEL_OF_KEY, MAIL_CODE, NEW_EMAIL, NEW_PASSWORD, NEW_USERNAME, PASSWORD, RECOVERY_CODE, RETURN_TO, SENT,
        TOKEN, USERNAME,
    },
    row::{Form, Mailed, Page, Sends, Shows, Then, form},
};
use crate::{
    engine::USERNAMES,
    http::{Endpoint, Guard},
};

const USER: Guard = Guard::active();
const FRESH: Guard = Guard::active().fresh();
const SUPERUSER: Guard = Guard::active().superuser();
const ADMINISTERS: Guard = SUPERUSER.fresh();
/// A user who must have a second factor comes here to add it.
#[cfg(any(feature = "passkeys", feature = "totp"))]
const ADDING: Guard = FRESH.during_setup();
/// A form without fields.
const ASKS: Shows = Shows::AskFirst(form(&[]));
const ASKS_GRAVELY: Shows = Shows::AskFirst(Form { is_grave: true, ..form(&[]) });

/// All pages. A fixed path stands before one with a parameter in its place.
pub(super) const PAGES: &[Page] = &[
    Page::new("sign-in", "/account/sign-in", "sign_in")
        .shows(Shows::Form(Form { has_providers: true, has_passkey: true, ..form(&[IDENTIFIER, PASSWORD, RETURN_TO]) }))
        .does(Endpoint::Login, Sends::Fields(&[("username", "email"), ("password", "password")]), Then::SignedIn)
        .links(&[("forgot", "forgot"), ("mail-sign-in", "by_mail"), ("sign-up", "sign_up")]),
    #[cfg(feature = "passkeys")]
    Page::new("passkey-sign-in", "/account/sign-in/passkey", "passkey_sign_in")
        .shows(Shows::PasskeySignIn)
        .does(Endpoint::LoginWithPasskey, Sends::Credential(&[("pending_token", "pending_token")]), Then::SignedIn)
        .links(&[("sign-in", "without_passkey")]),
    Page::new("second-step", "/account/second-step", "second_step")
        .shows(Shows::SecondStep(form(&[CODE, RETURN_TO])))
        .does(Endpoint::SecondFactor, Sends::Answer(&[("code", "code")]), Then::SignedIn)
        .links(&[("passkey-step", "passkey"), ("recovery", "recovery"), ("sign-in", "other_user")]),
    Page::new("passkey-step", "/account/second-step/passkey", "passkey_step")
        .shows(Shows::SecondStep(form(&[CREDENTIAL, RETURN_TO])))
        .does(Endpoint::SecondFactor, Sends::Answer(&[("credential", "credential")]), Then::SignedIn)
        .links(&[("second-step", "second_step"), ("recovery", "recovery"), ("sign-in", "other_user")]),
    Page::new("recovery", "/account/second-step/recovery", "recovery")
        .shows(Shows::SecondStep(form(&[RECOVERY_CODE, RETURN_TO])))
        .does(Endpoint::SecondFactor, Sends::Answer(&[("recovery_code", "code")]), Then::SignedIn)
        .links(&[("second-step", "second_step"), ("passkey-step", "passkey"), ("sign-in", "other_user")]),
    Page::new("signed-in", "/account/signed-in", "no_cookie").shows(Shows::SignedIn).links(&[("sign-in", "sign_in")]),
    Page::new("sign-up", "/account/sign-up", "sign_up")
        .shows(Shows::Form(Form {
            has_profile: true,
            has_providers: true,
            ..form(&[EMAIL, NEW_USERNAME, FIRST_PASSWORD, RETURN_TO])
        }))
        .does(
            Endpoint::Register,
            Sends::Register(&[("email", "email"), ("password", "password")]),
            Then::CheckMail(Mailed::Verify),
        )
        .links(&[("sign-in", "have_account")]),
    Page::new("mail-sign-in", "/account/mail-sign-in", "mail_sign_in")
        .shows(Shows::Form(form(&[EMAIL, RETURN_TO])))
        .does(Endpoint::RequestLogin, Sends::Fields(&[("email", "email")]), Then::CheckMail(Mailed::Login))
        .links(&[("sign-in", "sign_in")]),
    Page::new("mail-code", "/account/mail-code", "mail_code")
        .shows(Shows::Form(form(&[MAIL_CODE, RETURN_TO])))
        .does(Endpoint::LoginByMail, Sends::WithRequest(&[("code", "code")]), Then::SignedIn)
        .links(&[("mail-sign-in", "resend"), ("sign-in", "sign_in")]),
    Page::new("mail-login", "/account/mail-login", "mail_login")
        .shows(Shows::Token(form(&[TOKEN]), Mailed::Login))
        .does(Endpoint::LoginByMail, Sends::Fields(&[("token", "token")]), Then::SignedIn),
    Page::new("forgot", "/account/forgot", "forgot")
        .shows(Shows::Form(form(&[EMAIL])))
        .does(Endpoint::ForgotPassword, Sends::Fields(&[("email", "email")]), Then::CheckMail(Mailed::Reset))
        .links(&[("sign-in", "sign_in")]),
    Page::new("check-mail", "/account/check-mail", "check_mail")
        .shows(Shows::CheckMail(form(&[EMAIL, SENT])))
        .does(Endpoint::RequestVerify, Sends::Again, Then::CheckMail(Mailed::Verify))
        .done("sent")
        .links(&[("sign-in", "sign_in")]),
    Page::new("verify", "/account/verify", "verify")
        .shows(Shows::Token(form(&[TOKEN]), Mailed::Verify))
        .does(Endpoint::Verify, Sends::Fields(&[("token", "token")]), Then::AccountOrSignIn)
        .done("verified"),
    Page::new("confirm-email", "/account/confirm-email", "confirm_email")
        .shows(Shows::Token(form(&[TOKEN]), Mailed::ChangeEmail))
        .does(Endpoint::ConfirmEmailChange, Sends::Fields(&[("token", "token")]), Then::AccountOrSignIn)
        .done("email"),
    Page::new("reset", "/account/reset", "reset")
        .shows(Shows::Token(form(&[TOKEN, USERNAME, NEW_PASSWORD]), Mailed::Reset))
        .does(
            Endpoint::ResetPassword,
            Sends::Fields(&[("token", "token"), ("password", "password")]),
            Then::Page("sign-in"),
        )
        .done("reset"),
    Page::new("accept-invitation", "/account/accept-invitation", "accept_invitation")
        .shows(Shows::Token(Form { has_profile: true, ..form(&[TOKEN, USERNAME, FIRST_PASSWORD]) }, Mailed::Invitation))
        .does(
            Endpoint::AcceptInvitation,
            Sends::Accept(&[("token", "token"), ("password", "password")]),
            Then::Page("sign-in"),
        )
        .done("accepted"),
    Page::new("account", "/account", "account").guard(USER).shows(Shows::Account),
    Page::new("profile", "/account/profile", "profile")
        .guard(USER)
        .shows(Shows::Profile)
        .does(Endpoint::UpdateMe, Sends::Profile, Then::Page("account"))
        .done("profile")
        .links(&[("account", "account")]),
    Page::new("password", "/account/password", "password")
        .guard(USER)
        .shows(Shows::Form(form(&[USERNAME, CURRENT_PASSWORD, NEW_PASSWORD])))
        .does(
            Endpoint::ChangePassword,
            Sends::Fields(&[("current_password", "current_password"), ("password", "password")]),
            Then::Page("account"),
        )
        .done("password")
        .links(&[("forgot", "forgot"), ("account", "account")]),
    Page::new("email", "/account/email", "email")
        .guard(FRESH)
        .shows(Shows::Form(form(&[NEW_EMAIL])))
        .does(Endpoint::RequestEmailChange, Sends::Fields(&[("email", "email")]), Then::CheckMail(Mailed::ChangeEmail))
        .links(&[("account", "account")]),
    Page::new("username", "/account/username", "username")
        .guard(FRESH)
        .shows(Shows::Form(form(&[NEW_USERNAME])))
        .does(Endpoint::UpdateMe, Sends::Fields(&[("username", "username")]), Then::Page("account"))
        .done("username")
        .links(&[("account", "account")])
        .needs(USERNAMES),
    Page::new("delete", "/account/delete", "delete")
        .guard(FRESH)
        .shows(Shows::Form(Form { is_grave: true, ..form(&[]) }))
        .does(Endpoint::DeleteMe, Sends::Nothing, Then::Page("sign-in"))
        .done("deleted")
        .links(&[("account", "account")]),
    #[cfg(feature = "totp")]
    Page::new("add-app", "/account/factors/app", "add_app")
        .guard(ADDING)
        .shows(Shows::Form(form(&[RETURN_TO])))
        .does(Endpoint::BeginTotp, Sends::Nothing, Then::SetUp)
        .links(&[("add-passkey", "add_passkey"), ("account", "account")]),
    #[cfg(feature = "totp")]
    Page::new("confirm-app", "/account/factors/app/confirm", "confirm_app")
        .guard(ADDING)
        .does(Endpoint::ConfirmTotp, Sends::Confirmation, Then::Codes)
        .done("factor_added")
        .links(&[("account", "account")]),
    #[cfg(feature = "passkeys")]
    Page::new("add-passkey", "/account/factors/passkey", "add_passkey")
        .guard(ADDING)
        .shows(Shows::Form(form(&[RETURN_TO])))
        .does(Endpoint::BeginPasskey, Sends::Nothing, Then::MakePasskey)
        .links(&[("add-app", "add_app"), ("account", "account")]),
    #[cfg(feature = "passkeys")]
    Page::new("confirm-passkey", "/account/factors/passkey/confirm", "confirm_passkey")
        .guard(ADDING)
        .does(
            Endpoint::AddPasskey,
            Sends::Credential(&[("pending_token", "pending_token"), ("label", "label")]),
            Then::Codes,
        )
        .done("passkey_added")
        .links(&[("account", "account")]),
    #[cfg(feature = "passkeys")]
    Page::new("offer-passkey", "/account/factors/passkey/offer", "offer_passkey")
        .guard(USER)
        .shows(Shows::OfferPasskey(form(&[RETURN_TO])))
        .does(Endpoint::BeginPasskey, Sends::Nothing, Then::MakePasskey),
    Page::new("recovery-codes", "/account/factors/recovery-codes", "recovery_codes")
        .guard(FRESH)
        .shows(Shows::Factor(form(&[])))
        .does(Endpoint::ReplaceRecoveryCodes, Sends::Nothing, Then::Codes)
        .links(&[("account", "account")]),
    Page::new("rename-factor", "/account/factors/{id}/rename", "rename_factor")
        .guard(FRESH)
        .shows(Shows::Factor(form(&[LABEL])))
        .does(Endpoint::RenameFactor, Sends::Fields(&[("label", "label")]), Then::Page("account"))
        .done("factor_renamed")
        .links(&[("account", "account")]),
    Page::new("remove-factor", "/account/factors/{id}/remove", "remove_factor")
        .guard(FRESH)
        .shows(Shows::Factor(Form { is_grave: true, ..form(&[]) }))
        .does(Endpoint::RemoveFactor, Sends::Nothing, Then::Page("account"))
        .done("factor_removed")
        .links(&[("account", "account")]),
    Page::new("new-key", "/account/api-keys/new", "new_key")
        .guard(FRESH)
        .shows(Shows::NewKey(form(&[LABEL_OF_KEY, DAYS])))
        .does(Endpoint::CreateApiKey, Sends::Key, Then::Key)
        .done("key_made")
        .links(&[("account", "account")]),
    Page::new("rename-key", "/account/api-keys/{id}/rename", "rename_key")
        .guard(USER)
        .shows(Shows::Key(form(&[LABEL])))
        .does(Endpoint::RenameApiKey, Sends::Fields(&[("label", "label")]), Then::Page("account"))
        .done("key_renamed")
        .links(&[("account", "account")]),
    Page::new("rotate-key", "/account/api-keys/{id}/rotate", "rotate_key")
        .guard(FRESH)
        .shows(Shows::Key(Form { is_grave: true, ..form(&[]) }))
        .does(Endpoint::RotateApiKey, Sends::Nothing, Then::Key)
        .done("key_rotated")
        .links(&[("account", "account")]),
    Page::new("revoke-key", "/account/api-keys/{id}/revoke", "account")
        .guard(USER)
        .does(Endpoint::RevokeApiKey, Sends::Nothing, Then::Page("account"))
        .done("key_revoked"),
    Page::new("end-others", "/account/sessions/end-others", "account")
        .guard(USER)
        .does(Endpoint::RevokeSessions, Sends::Nothing, Then::Page("account"))
        .done("sessions"),
    Page::new("end-session", "/account/sessions/{id}/end", "account")
        .guard(USER)
        .does(Endpoint::RevokeSession, Sends::Nothing, Then::Page("account"))
        .done("session"),
    Page::new("sign-out", "/account/sign-out", "account")
        .does(Endpoint::Logout, Sends::Nothing, Then::Page("sign-in"))
        .done("signed_out"),
    #[cfg(feature = "oauth-bare")]
    Page::new("provider", "/account/providers/{provider}/sign-in", "leave").does(
        Endpoint::StartOAuth,
        Sends::Provider,
        Then::Leave,
    ),
    #[cfg(feature = "oauth-bare")]
    Page::new("link", "/account/providers/{provider}/link", "leave").guard(FRESH).does(
        Endpoint::StartAssociation,
        Sends::Provider,
        Then::Leave,
    ),
    #[cfg(feature = "oauth-bare")]
    Page::new("unlink", "/account/identities/{id}/remove", "account")
        .guard(FRESH)
        .does(Endpoint::UnlinkIdentity, Sends::Nothing, Then::Page("account"))
        .done("unlinked"),
    Page::new("users", "/account/admin", "users").guard(SUPERUSER).shows(Shows::Users),
    Page::new("undelivered", "/account/admin/undelivered", "undelivered").guard(SUPERUSER).shows(Shows::Undelivered),
    Page::new("retry", "/account/admin/undelivered/{id}/retry", "undelivered")
        .guard(ADMINISTERS)
        .does(Endpoint::RetryUndelivered, Sends::Nothing, Then::Page("undelivered"))
        .done("retried"),
    Page::new("drop", "/account/admin/undelivered/{id}/drop", "undelivered")
        .guard(ADMINISTERS)
        .does(Endpoint::DeleteUndelivered, Sends::Nothing, Then::Page("undelivered"))
        .done("dropped"),
    Page::new("invitations", "/account/admin/invitations", "invitations").guard(SUPERUSER).shows(Shows::Invitations),
    Page::new("invite", "/account/admin/invitations/new", "invite")
        .guard(ADMINISTERS)
        .shows(Shows::Form(Form { has_profile: true, ..form(&[EMAIL_OF_OTHER]) }))
        .does(Endpoint::Invite, Sends::Register(&[("email", "email")]), Then::Page("invitations"))
        .done("invited")
        .links(&[("invitations", "invitations")]),
    Page::new("resend-invitation", "/account/admin/invitations/{id}/resend", "invitations")
        .guard(ADMINISTERS)
        .does(Endpoint::ResendInvitation, Sends::Nothing, Then::Page("invitations"))
        .done("invited"),
    Page::new("withdraw-invitation", "/account/admin/invitations/{id}/withdraw", "withdraw_invitation")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::WithdrawInvitation, Sends::Nothing, Then::Page("invitations"))
        .done("withdrawn")
        .links(&[("invitations", "invitations")]),
    Page::new("user", "/account/admin/users/{id}", "user").guard(SUPERUSER).shows(Shows::User),
    Page::new("block", "/account/admin/users/{id}/block", "block")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::UpdateUser, Sends::Flags(&[("is_active", false)]), Then::User)
        .done("user_changed"),
    Page::new("unblock", "/account/admin/users/{id}/unblock", "unblock")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::UpdateUser, Sends::Flags(&[("is_active", true)]), Then::User)
        .done("user_changed"),
    Page::new("mark-verified", "/account/admin/users/{id}/mark-verified", "mark_verified")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::UpdateUser, Sends::Flags(&[("is_verified", true)]), Then::User)
        .done("user_changed"),
    Page::new("promote", "/account/admin/users/{id}/promote", "promote")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::UpdateUser, Sends::Flags(&[("is_superuser", true)]), Then::User)
        .done("user_changed"),
    Page::new("demote", "/account/admin/users/{id}/demote", "demote")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::UpdateUser, Sends::Flags(&[("is_superuser", false)]), Then::User)
        .done("user_changed"),
    Page::new("send-reset", "/account/admin/users/{id}/send-reset", "send_reset")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::SendResetMail, Sends::Nothing, Then::User)
        .done("sent"),
    Page::new("send-verify", "/account/admin/users/{id}/send-verify", "send_verify")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::SendVerifyMail, Sends::Nothing, Then::User)
        .done("sent"),
    Page::new("end-sessions", "/account/admin/users/{id}/end-sessions", "end_sessions")
        .guard(ADMINISTERS)
        .shows(ASKS)
        .does(Endpoint::RevokeUserSessions, Sends::Nothing, Then::User)
        .done("sessions_ended"),
    Page::new("remove-factors", "/account/admin/users/{id}/remove-factors", "remove_all_factors")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::RemoveFactors, Sends::Nothing, Then::User)
        .done("factors_removed"),
    Page::new("revoke-keys", "/account/admin/users/{id}/revoke-keys", "revoke_all_keys")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::RevokeUserApiKeys, Sends::Nothing, Then::User)
        .done("keys_revoked"),
    Page::new("log-in-as", "/account/admin/users/{id}/log-in-as", "log_in_as").guard(ADMINISTERS).shows(ASKS).does(
        Endpoint::Impersonate,
        Sends::Nothing,
        Then::Page("account"),
    ),
    Page::new("delete-user", "/account/admin/users/{id}/delete", "delete_user")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::DeleteUser, Sends::Nothing, Then::Page("users"))
        .done("user_deleted"),
    Page::new("change-password", "/.well-known/change-password", "password").shows(Shows::WellKnown),
    Page::new("style", "/account/style.css", "account").shows(Shows::Style),
    Page::new("script", "/account/pages.js", "account").shows(Shows::Script),
];

impl Page {
    /// The page of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The path below which the guide lists the pages of the administration.
    const ADMINISTRATION: &str = "/account/admin";

    #[test]
    fn each_page_has_a_name_and_a_path_of_its_own() {
        let names: HashSet<_> = PAGES.iter().map(|page| page.name).collect();
        let paths: HashSet<_> = PAGES.iter().map(|page| page.path).collect();
        assert_eq!((names.len(), paths.len()), (PAGES.len(), PAGES.len()));
        for page in PAGES {
            assert!(page.is_shown() || page.takes_forms(), "{}", page.name);
            let has_all = cfg!(all(feature = "passkeys", feature = "totp"));
            assert!(!has_all || page.links.iter().all(|(to, _)| Page::named(to).is_some()), "{}", page.name);
        }
    }

    #[test]
    fn the_guide_has_each_page_with_its_path_and_methods() {
        let mut rows = HashSet::new();
        for (guide, below) in
            [(include_str!("../../docs/pages.md"), ""), (include_str!("../../docs/administration.md"), ADMINISTRATION)]
        {
            for line in guide.lines() {
                let cells: Vec<_> = line.split('|').map(str::trim).collect();
                let [_, names, paths, methods, ..] = cells[..] else { continue };
                let quoted = |cell: &'static str| cell.split('`').skip(1).step_by(2);
                // The list of users is at the path itself.
                let paths = quoted(paths).chain([""]).map(|path| path.split('?').next().unwrap_or_default());
                rows.extend(quoted(names).zip(paths).map(|(name, path)| (name, format!("{below}{path}"), methods)));
            }
        }
        for page in PAGES {
            let methods = match (page.is_shown(), page.takes_forms()) {
                (true, true) => "GET, POST",
                (true, false) => "GET",
                _ => "POST",
            };
            assert!(rows.contains(&(page.name, page.path.to_owned(), methods)), "{}: {methods}", page.name);
        }
    }
}

//! The pages: a row for each, with what it shows and what its form does. The adapters mount them, the links between them are made from them,
//! and the tests go through them.

use std::fmt;

use super::fields::{
    CURRENT_PASSWORD, EMAIL, FIRST_PASSWORD, Field, NEW_EMAIL, NEW_PASSWORD, PASSWORD, RETURN_TO, SENT, TOKEN, USERNAME,
};
use crate::http::{Endpoint, Guard};

/// A page, for a framework that has no adapter here; see [`Front`](super::Front).
pub struct Page {
    /// Its name, under which an application replaces its template.
    pub(super) name: &'static str,
    /// Its path, with its parameter in braces.
    pub(super) path: &'static str,
    /// Who may open it and send its form.
    pub(super) guard: Option<Guard>,
    /// What a GET shows. Without it, the path takes forms of other pages alone.
    pub(super) shows: Option<Shows>,
    /// What a POST does.
    pub(super) does: Option<Does>,
    /// The group of its texts: `pages.TEXTS.title`.
    pub(super) texts: &'static str,
    /// The pages to which it links, with the last part of the keys of the links.
    pub(super) links: &'static [(&'static str, &'static str)],
}

/// What a GET shows.
#[derive(Clone, Copy)]
pub(super) enum Shows {
    /// A form.
    Form(Form),
    /// A form for the token in the query, if the token is still good.
    Token(Form, Mailed),
    /// A form for one of the mails that were sent.
    CheckMail(Form),
    /// The account.
    Account,
    /// The profile.
    Profile,
    /// Where a sign-in ends: it leads on, if the browser has kept the cookie.
    SignedIn,
    /// The list of users.
    Users,
    /// A user.
    User,
    /// A form that asks before something is done to a user.
    AskFirst(Form),
    /// The mails that were given up.
    Undelivered,
    /// The page that changes a password, at the address that password managers know (W3C, a well-known URL for changing passwords).
    WellKnown,
    Style,
    Script,
}

/// A form.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) fields: &'static [Field],
    /// Whether it has the fields of the profile that a registration has.
    pub(super) has_profile: bool,
    /// Whether it has the buttons of providers.
    pub(super) has_providers: bool,
    /// Whether it cannot be undone.
    pub(super) is_grave: bool,
}

/// The purpose of a token that was sent by mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mailed {
    Verify,
    Reset,
    ChangeEmail,
}

/// What a POST does: it asks a route, and leads on.
#[derive(Clone, Copy)]
pub(super) struct Does {
    /// The route. [`Sends::Again`] chooses it by the kind of the mail.
    pub(super) asks: Endpoint,
    pub(super) sends: Sends,
    pub(super) then: Then,
    /// The notice on the next page.
    pub(super) done: Option<&'static str>,
}

/// What a route gets.
#[derive(Clone, Copy)]
pub(super) enum Sends {
    Nothing,
    /// Fields: their names in JSON, and in the form.
    Fields(&'static [(&'static str, &'static str)]),
    /// The same with the fields of the profile.
    Register(&'static [(&'static str, &'static str)]),
    /// The fields of the profile.
    Profile,
    /// The address, to the route of the mail that is sent again.
    Again,
    /// Flags of a user.
    Flags(&'static [(&'static str, bool)]),
    /// Where the provider leads back.
    #[allow(dead_code, reason = "its rows need a feature")]
    Provider,
}

/// Where a person gets.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// Where they came from, signed in.
    SignedIn,
    /// To the page that asks them to look into their mail.
    CheckMail(Mailed),
    /// To a page.
    Page(&'static str),
    /// To the page of the user in the path.
    User,
    /// To the account, or to the sign-in if they are not signed in.
    AccountOrSignIn,
    /// To a provider.
    #[allow(dead_code, reason = "its rows need a feature")]
    Leave,
}

const fn form(fields: &'static [Field]) -> Form {
    Form { fields, has_profile: false, has_providers: false, is_grave: false }
}

/// A page, and how its row is written.
impl Page {
    const fn new(name: &'static str, path: &'static str, texts: &'static str) -> Self {
        Self { name, path, guard: None, shows: None, does: None, texts, links: &[] }
    }

    const fn shows(self, shows: Shows) -> Self {
        Self { shows: Some(shows), ..self }
    }

    const fn does(self, asks: Endpoint, sends: Sends, then: Then) -> Self {
        Self { does: Some(Does { asks, sends, then, done: None }), ..self }
    }

    const fn done(self, done: &'static str) -> Self {
        let does = match self.does {
            Some(does) => Some(Does { done: Some(done), ..does }),
            None => None,
        };
        Self { does, ..self }
    }

    const fn guard(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    const fn links(self, links: &'static [(&'static str, &'static str)]) -> Self {
        Self { links, ..self }
    }

    /// The page of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.name == name)
    }

    /// Returns the path, with its parameter in braces.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Returns whether a GET shows something.
    pub fn is_shown(&self) -> bool {
        self.shows.is_some()
    }

    /// Returns whether a POST does something.
    pub fn takes_forms(&self) -> bool {
        self.does.is_some()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

const USER: Guard = Guard::active();
const FRESH: Guard = Guard::active().fresh();
const SUPERUSER: Guard = Guard::active().superuser();
const ADMINISTERS: Guard = SUPERUSER.fresh();
/// A form without fields.
const ASKS: Shows = Shows::AskFirst(form(&[]));
const ASKS_GRAVELY: Shows = Shows::AskFirst(Form { is_grave: true, ..form(&[]) });

/// All pages. A fixed path stands before one with a parameter in its place.
pub(super) const PAGES: &[Page] = &[
    Page::new("sign-in", "/account/sign-in", "sign_in")
        .shows(Shows::Form(Form { has_providers: true, ..form(&[EMAIL, PASSWORD, RETURN_TO]) }))
        .does(Endpoint::Login, Sends::Fields(&[("username", "email"), ("password", "password")]), Then::SignedIn)
        .links(&[("forgot", "forgot"), ("sign-up", "sign_up")]),
    Page::new("signed-in", "/account/signed-in", "no_cookie").shows(Shows::SignedIn).links(&[("sign-in", "sign_in")]),
    Page::new("sign-up", "/account/sign-up", "sign_up")
        .shows(Shows::Form(Form {
            has_profile: true,
            has_providers: true,
            ..form(&[EMAIL, FIRST_PASSWORD, RETURN_TO])
        }))
        .does(
            Endpoint::Register,
            Sends::Register(&[("email", "email"), ("password", "password")]),
            Then::CheckMail(Mailed::Verify),
        )
        .links(&[("sign-in", "have_account")]),
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
    Page::new("delete", "/account/delete", "delete")
        .guard(FRESH)
        .shows(Shows::Form(Form { is_grave: true, ..form(&[]) }))
        .does(Endpoint::DeleteMe, Sends::Nothing, Then::Page("sign-in"))
        .done("deleted")
        .links(&[("account", "account")]),
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
    Page::new("delete-user", "/account/admin/users/{id}/delete", "delete_user")
        .guard(ADMINISTERS)
        .shows(ASKS_GRAVELY)
        .does(Endpoint::DeleteUser, Sends::Nothing, Then::Page("users"))
        .done("user_deleted"),
    Page::new("change-password", "/.well-known/change-password", "password").shows(Shows::WellKnown),
    Page::new("style", "/account/style.css", "account").shows(Shows::Style),
    Page::new("script", "/account/pages.js", "account").shows(Shows::Script),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_page_has_a_name_and_a_path_of_its_own() {
        let names: HashSet<_> = PAGES.iter().map(|page| page.name).collect();
        let paths: HashSet<_> = PAGES.iter().map(|page| page.path).collect();
        assert_eq!((names.len(), paths.len()), (PAGES.len(), PAGES.len()));
        for page in PAGES {
            assert!(page.is_shown() || page.takes_forms(), "{}", page.name);
            assert!(page.links.iter().all(|(to, _)| Page::named(to).is_some()), "{}", page.name);
        }
    }
}

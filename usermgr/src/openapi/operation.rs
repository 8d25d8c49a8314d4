//! What each endpoint takes and answers, one row each: the table that the document is made of, beside those of the routes and the codes.

use crate::{code::Code, http::Endpoint, session::Transport};

/// Who may.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anybody,
    /// Anybody, with what they hold, if it is anything: a client must know that it is taken.
    Visitor,
    User,
    Superuser,
}

/// What is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// `username` and `password`, as a form.
    Login,
    /// `refresh_token`, as a form.
    Refresh,
    /// The schema of this name, as JSON.
    Schema(&'static str),
    /// An object of these required fields, as JSON.
    Fields(&'static [&'static str]),
    /// `cursor` and `limit` in the query.
    Page,
}

/// What comes back when all is well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Success {
    Empty,
    Null,
    User,
    Page,
    /// A list of sessions.
    Sessions,
    /// What the transport of the backend has.
    Token,
}

/// One endpoint.
pub(super) struct Told {
    /// The name that FastAPI Users gives its route; `{}` is the backend. Ids of operations are made of it.
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) who: Who,
    pub(super) takes: Takes,
    pub(super) status: u16,
    pub(super) answers: Success,
    /// The codes it may refuse with.
    pub(super) codes: &'static [Code],
    /// Those of them that this engine never answers with.
    pub(super) never: &'static [Code],
    /// Whether a hook of the application's own may refuse it: a gate, or the one inside the transaction.
    pub(super) gated: bool,
    /// Whether it can be about nobody.
    pub(super) not_found: bool,
}

/// A row, as it is where the engine lets superusers choose the passwords of others, or not.
pub(super) fn told_of(endpoint: Endpoint, superusers_set_passwords: bool) -> Told {
    let told = told(endpoint);
    match endpoint {
        Endpoint::UpdateUser if superusers_set_passwords => {
            Told { never: &[Code::UpdateUserPasswordForbidden, Code::UpdateUserEmailForbidden], ..told }
        }
        _ => told,
    }
}

/// A row, as it is where the engine tells no stranger who has an account.
pub(super) fn told_discreetly(told: Told, endpoint: Endpoint) -> Told {
    match endpoint {
        Endpoint::Register => {
            Told { status: 202, answers: Success::Empty, never: &[Code::RegisterUserAlreadyExists], ..told }
        }
        Endpoint::Login => Told { never: &[Code::LoginUserNotVerified], ..told },
        Endpoint::UpdateMe => Told { never: &[Code::UpdateUserEmailAlreadyExists], ..told },
        _ => told,
    }
}

/// A row, as it is for a backend of this transport: a cookie is taken away whoever asks.
pub(super) fn told_by(told: &Told, endpoint: Endpoint, transport: &Transport) -> Told {
    match (endpoint, transport) {
        (Endpoint::Logout, Transport::Cookie(_)) => Told { who: Who::Visitor, ..*told },
        _ => Told { ..*told },
    }
}

fn told(endpoint: Endpoint) -> Told {
    use Code::*;
    use Success::{Empty, Null, Page, Sessions, Token, User};
    use Takes::{Fields, Login, Nothing, Schema};
    use Who::{Anybody, Superuser};

    let row = |name, summary, who, takes, (status, answers), codes| {
        let (gated, not_found) = (false, false);
        Told { name, summary, who, takes, status, answers, codes, never: &[], gated, not_found }
    };
    let gated = |told| Told { gated: true, ..told };
    let of_somebody = |told| Told { not_found: true, ..told };
    match endpoint {
        Endpoint::Login => gated(row(
            "auth:{}.login",
            "Log in",
            Anybody,
            Login,
            (200, Token),
            &[LoginBadCredentials, LoginUserNotVerified, TooManyRequests],
        )),
        Endpoint::Logout => row("auth:{}.logout", "Log out", Who::User, Nothing, (204, Empty), &[]),
        Endpoint::Register => gated(row(
            "register:register",
            "Register",
            Anybody,
            Schema("UserCreate"),
            (201, User),
            &[RegisterUserAlreadyExists, RegisterInvalidPassword, TooManyRequests],
        )),
        Endpoint::RequestVerify => row(
            "verify:request-token",
            "Ask for the mail that verifies an address",
            Anybody,
            Fields(&["email"]),
            (202, Null),
            &[TooManyRequests],
        ),
        Endpoint::Verify => gated(row(
            "verify:verify",
            "Verify an address",
            Anybody,
            Fields(&["token"]),
            (200, User),
            &[VerifyUserBadToken, VerifyUserAlreadyVerified, TooManyRequests],
        )),
        Endpoint::ForgotPassword => row(
            "reset:forgot_password",
            "Ask for the mail that resets a password",
            Anybody,
            Fields(&["email"]),
            (202, Null),
            &[TooManyRequests],
        ),
        Endpoint::ResetPassword => gated(row(
            "reset:reset_password",
            "Reset a password",
            Anybody,
            Fields(&["token", "password"]),
            (200, Null),
            &[ResetPasswordBadToken, ResetPasswordInvalidPassword, TooManyRequests],
        )),
        Endpoint::ChangePassword => gated(row(
            "password:change_password",
            "Change one's password",
            Who::User,
            Fields(&["current_password", "password"]),
            (204, Empty),
            &[ChangePasswordBadPassword, ChangePasswordInvalidPassword, TooManyRequests],
        )),
        Endpoint::RequestEmailChange => gated(row(
            "email:request_change",
            "Ask for the mail that changes one's address",
            Who::User,
            Fields(&["email"]),
            (202, Null),
            &[ReauthenticationRequired, TooManyRequests],
        )),
        Endpoint::ConfirmEmailChange => gated(row(
            "email:confirm_change",
            "Change one's address",
            Anybody,
            Fields(&["token"]),
            (200, User),
            &[ChangeEmailBadToken, UpdateUserEmailAlreadyExists, TooManyRequests],
        )),
        Endpoint::Me => row("users:current_user", "Read one's account", Who::User, Nothing, (200, User), &[]),
        Endpoint::UpdateMe => gated(row(
            "users:patch_current_user",
            "Change one's account",
            Who::User,
            Schema("UserUpdateMe"),
            (200, User),
            &[UpdateUserEmailAlreadyExists, UpdateUserInvalidPassword, ReauthenticationRequired, TooManyRequests],
        )),
        Endpoint::DeleteMe => gated(row(
            "users:delete_current_user",
            "Delete one's account",
            Who::User,
            Nothing,
            (204, Empty),
            &[LastSuperuser, ReauthenticationRequired],
        )),
        Endpoint::User => of_somebody(row("users:user", "Read an account", Superuser, Nothing, (200, User), &[])),
        Endpoint::UpdateUser => gated(of_somebody(row(
            "users:patch_user",
            "Change an account",
            Superuser,
            Schema("UserUpdate"),
            (200, User),
            &[
                UpdateUserEmailAlreadyExists,
                UpdateUserInvalidPassword,
                LastSuperuser,
                ReauthenticationRequired,
                UpdateUserPasswordForbidden,
                UpdateUserEmailForbidden,
            ],
        ))),
        Endpoint::DeleteUser => gated(of_somebody(row(
            "users:delete_user",
            "Delete an account",
            Superuser,
            Nothing,
            (204, Empty),
            &[LastSuperuser],
        ))),
        Endpoint::Refresh => row(
            "auth:{}.refresh",
            "Get the next tokens of a session",
            Anybody,
            Takes::Refresh,
            (200, Token),
            &[RefreshBadToken, TooManyRequests],
        ),
        Endpoint::ListSessions => {
            row("users:list_sessions", "List one's sessions", Who::User, Takes::Page, (200, Sessions), &[])
        }
        Endpoint::RevokeSessions => row(
            "users:revoke_sessions",
            "End one's other sessions",
            Who::User,
            Nothing,
            (204, Empty),
            &[ReauthenticationRequired],
        ),
        Endpoint::RevokeSession => {
            of_somebody(row("users:revoke_session", "End one of one's sessions", Who::User, Nothing, (204, Empty), &[]))
        }
        Endpoint::ListUsers => row("users:list_users", "List the accounts", Superuser, Takes::Page, (200, Page), &[]),
    }
}

impl Told {
    /// Whether its body can be wrong in itself.
    pub(super) fn reads_body(&self) -> bool {
        !matches!(self.takes, Takes::Nothing | Takes::Page)
    }

    /// Whether what is sent can be refused field by field.
    pub(super) fn can_be_invalid(&self) -> bool {
        self.takes != Takes::Nothing
    }
}

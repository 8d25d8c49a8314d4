//! The routes with which superusers invite, and with which the invited accept.

use std::sync::Arc;

use ::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::{Invitation, InvitationPage, part::NAME};
use crate::{
    admin::Admin,
    error::Code,
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    slices::{administration::endpoints::id, index::Invite},
    store::{CredentialId, UserStore},
    user::Profile,
};

const SUPERUSER: Guard = Guard::active().superuser();
const FRESH_SUPERUSER: Guard = SUPERUSER.fresh();

endpoints! {
    parts {
        /// Invites an address.
        invite for FRESH_SUPERUSER => Route::post("/invitations", Invite, "invitations:invite")
            .summary("Invite an address")
            .takes(Takes::Invite)
            .answers(Success::Invited)
            .codes(&[Code::RegisterUserAlreadyExists, Code::ReauthenticationRequired, Code::TooManyRequests])
            .gated()
            .needs(NAME);
        /// Lists the invitations that were not accepted.
        list for SUPERUSER => Route::get("/invitations", ListInvitations, "invitations:list_invitations")
            .summary("List the invitations that were not accepted")
            .takes(Takes::Page)
            .answers(Success::Invitations)
            .needs(NAME);
        /// Sends an invitation again.
        resend for FRESH_SUPERUSER =>
            Route::post("/invitations/{id}/resend", ResendInvitation, "invitations:resend_invitation")
                .summary("Send an invitation again")
                .answers(Success::Accepted)
                .codes(&[Code::UserInactive, Code::ReauthenticationRequired, Code::TooManyRequests])
                .names_something()
                .needs(NAME);
        /// Withdraws an invitation.
        withdraw for FRESH_SUPERUSER =>
            Route::delete("/invitations/{id}", WithdrawInvitation, "invitations:withdraw_invitation")
                .summary("Withdraw an invitation, and delete the account that never accepted")
                .codes(&[Code::LastSuperuser, Code::ReauthenticationRequired])
                .gated()
                .names_something()
                .needs(NAME);
        /// Accepts an invitation by choosing a password.
        accept => Route::post("/auth/accept-invitation", AcceptInvitation, "invitations:accept_invitation")
            .summary("Accept an invitation by choosing a password")
            .takes(Takes::Accept)
            .answers(Success::User)
            .codes(&[
                Code::AcceptInvitationBadToken,
                Code::AcceptInvitationInvalidPassword,
                Code::TooManyRequests,
            ])
            .gated()
            .needs(NAME);
    }
}

/// An invitation on the wire.
#[derive(Serialize)]
struct Shown<'a, I> {
    id: &'a I,
    email: &'a str,
    invited_by: Option<&'a str>,
    invited_at: Timestamp,
    sent_at: Timestamp,
    expires_at: Timestamp,
    is_expired: bool,
}

impl<'a, I> Shown<'a, I> {
    fn of(invitation: &'a Invitation<I>) -> Self {
        let Invitation { user, invited_by, invited_at, sent_at, expires_at, is_expired } = invitation;
        Self {
            id: &user.id,
            email: user.email.as_str(),
            invited_by: invited_by.as_deref(),
            invited_at: *invited_at,
            sent_at: *sent_at,
            expires_at: *expires_at,
            is_expired: *is_expired,
        }
    }
}

async fn invite<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let email = fields.email("email", manager.engine_ref().email_rules());
    let profile = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Register>();
    let (Some(email), Some(profile)) = (email, profile) else { return Err(fields.refused()) };
    let cx = request.into_context(Some(&principal));
    let invited = manager.invite(&Admin::guarded(&principal), email, Profile::create(profile), &cx).await?;
    Outgoing::json(StatusCode::CREATED, &Shown::of(&invited))
}

async fn list<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cursor = |text: &str| (!text.is_empty() && !text.contains('\0')).then(|| CredentialId::new(text));
    let query = request.page_query(cursor)?;
    let limit = query.limit;
    let page = manager.invitations(&Admin::guarded(&principal), query).await?;
    let InvitationPage { invitations, next_cursor } = page;
    let shown: Vec<_> = invitations.iter().map(Shown::of).collect();
    let answer = Outgoing::json(StatusCode::OK, &shown)?;
    Ok(match next_cursor {
        Some(cursor) => answer.with_next_page(&format!("cursor={cursor}&limit={limit}")),
        None => answer,
    })
}

async fn resend<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    let cx = request.into_context(Some(&principal));
    manager.resend_invitation(&Admin::guarded(&principal), &id, &cx).await?;
    Ok(Outgoing::empty(StatusCode::ACCEPTED))
}

async fn withdraw<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    let cx = request.into_context(Some(&principal));
    manager.withdraw_invitation(&Admin::guarded(&principal), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

async fn accept<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (token, password) = (fields.text("token"), fields.password("password"));
    let profile = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Update>();
    let (Some(token), Some(password), Some(profile)) = (token, password, profile) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.accept_invitation(&token.into(), password, profile, &cx).await?;
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)
}

//! The operations of invitations.

use std::future::Future;

#[cfg(feature = "passkeys")]
use serde_json::Value;

use crate::{
    admin::Admin,
    change::errors::DeleteError,
    context::Context,
    error::Fault,
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    mark::outside,
    op::Begun,
    session::Principal,
    slices::{AcceptInvitationError, Invitation, InvitationError, InvitationPage, RegisterError, invitations},
    store::{CredentialId, ListQuery},
    token::InvitationToken,
    user::{EmailAddress, Password, Profile},
};
#[cfg(feature = "passkeys")]
use crate::{passkey::PasskeyChallenge, slices::AddedFactor, token::PasskeyToken};

/// Invitations, for managers whose engine has the part [`Invitations`](crate::invitations::Invitations). In scope through the prelude.
pub trait Invite: UserManager {
    /// Invites an address as a superuser, or as the application itself: makes an active, unverified account without a
    /// password, and mails a token with which its owner accepts. Both are one transaction. The steps are those of every new
    /// account: it asks the gate `on_before_register` and joins `on_before_commit`. Then it calls
    /// [`on_after_invite`](UserManager::on_after_invite), and neither `on_after_register` nor a request to verify.
    ///
    /// Until it is accepted, no one can log in to the account. The mail counts as a mail to the address, unless the
    /// application itself invites; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let email = EmailAddress::parse("bob@example.com")?;
    /// let invited = accounts.invite(&Admin::system("seed"), email, NoProfile, &Context::default()).await?;
    /// println!("{} can accept until {}", invited.user.email, invited.expires_at);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`RegisterError`]: [`RegisterError::AlreadyExists`] if the address has an account, also one that was invited and
    /// waits; [`Fault::Config`] without the part.
    fn invite(
        &self,
        admin: &Admin,
        email: EmailAddress,
        profile: ProfileOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Invitation<IdOf<Self>>, RegisterError>> + Send {
        async move { invitations::invite(Begun::new(self, cx)?.op(), admin, email, profile).await }
    }

    /// Invites as [`invite`](Self::invite) does, on behalf of a user that the application has authorized, such as the
    /// leader of a team. The inviter is recorded, and their session must be valid when the account is written. The mail
    /// counts for the network of `cx` too.
    ///
    /// The library does not ask who may invite. Check it in your handler, before this.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, leader: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let email = EmailAddress::parse("bob@example.com")?;
    /// let invited = accounts.invite_by(&leader, email, NoProfile, &Context::default()).await?;
    /// assert_eq!(invited.invited_by, Some(format!("user:{}", leader.user().id)));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`invite`](Self::invite).
    fn invite_by(
        &self,
        inviter: &Principal<Self::Store>,
        email: EmailAddress,
        profile: ProfileOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Invitation<IdOf<Self>>, RegisterError>> + Send {
        async move { invitations::invite_by(Begun::new(self, cx)?.op(), inviter, email, profile).await }
    }

    /// Returns a page of the invitations that wait, expired ones included, the oldest first. A page can have fewer entries
    /// than its limit.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::store::ListQuery;
    ///
    /// let page = accounts.invitations(&Admin::system("report"), ListQuery::default()).await?;
    /// for invitation in page.invitations.iter().filter(|invitation| invitation.is_expired) {
    ///     println!("{} has not answered", invitation.user.email);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn invitations(
        &self,
        admin: &Admin,
        query: ListQuery<CredentialId>,
    ) -> impl Future<Output = Result<InvitationPage<IdOf<Self>>, Fault>> + Send {
        async move {
            outside()?;
            invitations::list(self, admin, query).await
        }
    }

    /// Sends an invitation again, expired or not. The earlier token ends, and the time begins again.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.resend_invitation(&Admin::system("support"), &user.id, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`InvitationError`].
    fn resend_invitation(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), InvitationError>> + Send {
        async move { invitations::resend(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Withdraws an invitation: deletes the account that never accepted, as
    /// [`delete_user`](crate::Administration::delete_user) does. Of an acceptance at the same time, one of the two wins.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.withdraw_invitation(&Admin::system("support"), &user.id, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`DeleteError`]: [`DeleteError::NotFound`] for a user who was not invited, or has accepted.
    fn withdraw_invitation(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), DeleteError>> + Send {
        async move { invitations::withdraw(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Accepts an invitation by choosing a password, once. The address is verified, and the account keeps nothing of what
    /// it may have had before: neither sessions nor credentials. Then it calls
    /// [`on_after_accept_invitation`](UserManager::on_after_accept_invitation). It starts no session, as a reset does not.
    ///
    /// `profile` has the changes of the profile. If they change something, the gate `on_before_update` is asked.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, token: InvitationToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.accept_invitation(&token, "correct horse battery".into(), NoProfile, &Context::default()).await?;
    /// assert!(user.is_verified);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`AcceptInvitationError`].
    fn accept_invitation(
        &self,
        token: &InvitationToken,
        password: Password,
        profile: <ProfileOf<Self> as Profile>::Update,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, AcceptInvitationError>> + Send {
        async move { invitations::accept(Begun::new(self, cx)?.op(), token, password, profile).await }
    }

    /// Begins to accept an invitation with a passkey. The engine needs the part [`Passkeys`](crate::passkeys::Passkeys) too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, token: InvitationToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let challenge = accounts.begin_invitation_passkey(&token, &Context::default()).await?;
    /// println!("navigator.credentials.create({})", challenge.options);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`AcceptInvitationError`].
    #[cfg(feature = "passkeys")]
    fn begin_invitation_passkey(
        &self,
        token: &InvitationToken,
        cx: &Context,
    ) -> impl Future<Output = Result<PasskeyChallenge, AcceptInvitationError>> + Send {
        async move { invitations::begin_passkey(Begun::new(self, cx)?.op(), token).await }
    }

    /// Accepts an invitation with the passkey of a right answer, once, as
    /// [`accept_invitation`](Self::accept_invitation) does with a password. The user has no password then, and gets
    /// recovery codes.
    ///
    /// ```
    /// # use usermgr::{prelude::*, token::PasskeyToken};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, token: InvitationToken, pending: PasskeyToken, answer: serde_json::Value) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// let added = accounts.accept_invitation_with_passkey(&token, &pending, &answer, Some("laptop"), &cx).await?;
    /// println!("the passkey {} is added", added.factor.id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`AcceptInvitationError`].
    #[cfg(feature = "passkeys")]
    fn accept_invitation_with_passkey(
        &self,
        token: &InvitationToken,
        pending: &PasskeyToken,
        answer: &Value,
        label: Option<&str>,
        cx: &Context,
    ) -> impl Future<Output = Result<AddedFactor, AcceptInvitationError>> + Send {
        async move { invitations::accept_with_passkey(Begun::new(self, cx)?.op(), token, pending, answer, label).await }
    }
}

impl<M: UserManager + ?Sized> Invite for M {}

//! What is done with sessions in the store: listing, ending and refreshing them.

use std::future::Future;

use crate::{
    context::Context,
    error::Fault,
    manager::{ManagedUser, UserManager},
    op::Op,
    session::SessionInfo,
    slices::{
        RefreshError, SessionError,
        sessions::{self, Refreshed},
    },
    store::{SessionId, SessionStore},
    token::RefreshToken,
};

/// What a user manager whose store keeps sessions can do with them. In scope through the prelude.
///
/// Signed tokens without a row, of [`Jwt`](crate::Jwt) and [`RevocableJwt`](crate::session::RevocableJwt), are not listed and cannot be ended
/// one by one; what ends all sessions of a user ends them too.
///
/// ```
/// # async fn example(accounts: impl usermgr::UserManager<Store = usermgr::MemoryStore>, user: usermgr::User) -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::prelude::*;
///
/// let cx = Context::default();
/// for session in accounts.sessions(&user, &cx).await? {
///     println!("{} since {}", session.backend, session.authenticated_at);
/// }
/// accounts.revoke_all(&user, &cx).await?;
/// # Ok(())
/// # }
/// ```
pub trait Sessions: UserManager<Store: SessionStore> {
    /// The sessions of a user that have not ended, the latest login first. The one of `cx` is marked.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = accounts.sessions(&user, &Context::default()).await?;
    /// println!("logged in {} times, first at {:?}", sessions.len(), sessions.last().map(|session| session.authenticated_at));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults.
    fn sessions(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<SessionInfo>, Fault>> + Send {
        async move { sessions::sessions(Op::begin(self, cx)?, user).await }
    }

    /// Ends one session of a user, whichever it is, then calls `on_after_revoke_session`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// for session in accounts.sessions(&user, &Context::default()).await? {
    ///     if session.user_agent.is_none() {
    ///         accounts.revoke_session(&user, &session.id, &Context::system("no browser")).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NotFound`] for one that is not there, has ended or is somebody else's; or a fault.
    fn revoke_session(
        &self,
        user: &ManagedUser<Self>,
        id: &SessionId,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move { sessions::revoke_session(Op::begin(self, cx)?, user, id).await }
    }

    /// Ends all sessions of a user, signed tokens and outstanding reset tokens included, then calls `on_after_revoke_session` for
    /// each that was listed.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.revoke_all(&user, &Context::system("after a leak")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NotFound`] when the user is gone; or a fault.
    fn revoke_all(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move { sessions::revoke_all(Op::begin(self, cx)?, user, sessions::Extent::Every).await }
    }

    /// Ends all sessions of a user but the one of `cx`, as [`revoke_all`](Self::revoke_all) does. A signed token without a row cannot
    /// stay: a request that came through one ends it too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// // In a handler the context of the request names the session that stays.
    /// accounts.revoke_others(&user, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`revoke_all`](Self::revoke_all).
    fn revoke_others(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move { sessions::revoke_all(Op::begin(self, cx)?, user, sessions::Extent::Others).await }
    }

    /// Gets the next tokens of a session through the backend of this name. A refresh token is used once; presented again after the
    /// grace it ends its session, and `on_after_token_theft` is called (RFC 9700, 4.14.2).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let next = accounts.refresh(&"the refresh token of last time".into(), "jwt", &Context::default()).await?;
    /// println!("{} {:?}", next.token.expose(), next.refresh.map(|token| token.expose().to_owned()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`RefreshError`].
    fn refresh(
        &self,
        token: &RefreshToken,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<Refreshed<Self::Store>, RefreshError>> + Send {
        async move { sessions::refresh(Op::begin(self, cx)?, token, backend).await }
    }
}

impl<M: UserManager<Store: SessionStore> + ?Sized> Sessions for M {}

//! The operations on stored sessions: listing, ending and refreshing them.

use std::{future::Future, sync::Arc, time::Duration};

use crate::{
    background,
    change::right::Right,
    context::Context,
    error::Fault,
    manager::{ManagedUser, UserManager},
    mark::outside,
    op::Begun,
    session::SessionInfo,
    slices::{
        RefreshError, SessionError,
        sessions::{self, Refreshed},
    },
    store::{SessionId, SessionStore},
    token::RefreshToken,
};

/// The operations of a user manager whose store keeps sessions. In scope through the prelude.
///
/// Signed tokens without a row, of [`Jwt`](crate::Jwt) and [`RevocableJwt`](crate::session::RevocableJwt), are not
/// listed and cannot be ended one by one. Operations that end all sessions of a user end them too.
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
    /// Returns the active sessions of a user, latest login first. The session of `cx` is marked.
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
    /// Returns only a [`Fault`].
    fn sessions(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<SessionInfo>, Fault>> + Send {
        async move { sessions::sessions(Begun::new(self, cx)?.op(), user).await }
    }

    /// Ends one session of a user, the current one included, then calls `on_after_revoke_session`.
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
    /// [`SessionError::NotFound`] if the session does not exist, has ended or belongs to another user; or a fault.
    fn revoke_session(
        &self,
        user: &ManagedUser<Self>,
        id: &SessionId,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move { sessions::revoke_session(Begun::new(self, cx)?.op(), user, id).await }
    }

    /// Ends all sessions of a user, including signed tokens, then calls `on_after_revoke_session` for each listed session.
    /// Outstanding reset tokens stay valid.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.revoke_all(&user, &Context::system("after a leak")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NotFound`] if the user was deleted; or a fault.
    fn revoke_all(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move {
            let (op, right) = (Begun::new(self, cx)?, Right::of(cx).delegated());
            sessions::revoke_all(op.op(), &user.id, sessions::Extent::Every, right).await
        }
    }

    /// Ends all sessions of a user except the one of `cx`, as [`revoke_all`](Self::revoke_all) does. A signed token
    /// without a row cannot be kept: if the request was authenticated by one, it ends too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// // In a handler the context of the request names the session to keep.
    /// accounts.revoke_others(&user, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The same as [`revoke_all`](Self::revoke_all).
    fn revoke_others(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move {
            let (op, right) = (Begun::new(self, cx)?, Right::of(cx).delegated());
            sessions::revoke_all(op.op(), &user.id, sessions::Extent::Others, right).await
        }
    }

    /// Exchanges a refresh token for the next tokens of its session, through the backend of this name. A refresh token
    /// can be used once. Reuse after the grace period ends the session and calls `on_after_token_theft` (RFC 9700,
    /// 4.14.2).
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
        async move { sessions::refresh(Begun::new(self, cx)?.op(), token, backend).await }
    }

    /// Starts a task that deletes what has expired, at once and after each `pause`, such as an hour, until the manager
    /// [shuts down](crate::Operations::shutdown). The task keeps the manager alive until then. A failed
    /// [purge](crate::Engine::purge) is logged, and the next one deletes the rows.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use usermgr::{engine::Deadline, prelude::*};
    /// # async fn serve() -> std::io::Result<Deadline> { Ok(Deadline::after(Duration::ZERO)) }
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.start_purging(Duration::from_secs(3600))?;
    /// let deadline = serve().await?;
    /// accounts.shutdown(deadline).await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`Fault::Config`] outside of a tokio runtime.
    fn start_purging(self: &Arc<Self>, pause: Duration) -> Result<(), Fault> {
        outside()?;
        let (manager, end) = (Arc::clone(self), self.engine_ref().follower());
        background::spawn(async move { manager.engine_ref().purge_every(pause, end).await })?;
        Ok(())
    }
}

impl<M: UserManager<Store: SessionStore> + ?Sized> Sessions for M {}

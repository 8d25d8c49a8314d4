//! The extractor of a handler that needs permissions: a request goes in, and its user with everything that was granted comes
//! out. The adapters implement the extractor traits of their framework for it.

use std::{marker::PhantomData, net::IpAddr, ops::Deref, sync::Arc};

use ::http::request::Parts;

use super::{
    ApiKeyOwner, Guard, Problem,
    user::{admitted, if_admitted},
};
use crate::{
    permissions::{Needs, Permissions, Permits, granted, needed},
    session::SessionInfo,
    store::UserOf,
};

/// The active user of the request, through a session or an API key, if they have the permissions `N`: one type of the module that
/// [`#[derive(Permission)]`](macro@crate::permissions::Permission) writes, or a tuple of up to eight, which means all of them.
///
/// 401 without a user, and 403 as [`CurrentUser`](super::CurrentUser). 403 `PERMISSION_REQUIRED` if a permission is missing;
/// the response has the names of those that are missing. It dereferences to the user. Applications give it a short name, here
/// for axum: `type Requires<N> = usermgr::axum::Requires<Accounts, N>;`.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// #[derive(Clone, Copy, Permission)]
/// enum Can { OrdersRead, OrdersWrite, Refund }
///
/// impl Permits for Accounts {
///     type Permission = Can;
///
///     fn permits(&self, user: &User) -> Permissions<Can> {
///         if user.is_verified { Permissions::all() } else { Can::OrdersRead.into() }
///     }
/// }
///
/// type Requires<N> = usermgr::http::Requires<Accounts, N>;
///
/// async fn orders(who: Requires<can::OrdersRead>) -> String {
///     format!("the orders of {}, refundable: {}", who.email, who.granted().contains(Can::Refund))
/// }
///
/// async fn refund(who: Requires<(can::OrdersWrite, can::Refund)>) {}
/// ```
pub struct Requires<M: Permits, N: Needs<M::Permission>> {
    user: Arc<UserOf<M::Store>>,
    session: Option<SessionInfo>,
    granted: Permissions<M::Permission>,
    needs: PhantomData<fn() -> N>,
}

impl<M: Permits, N: Needs<M::Permission>> Requires<M, N> {
    /// The user of a request whose connection comes from this address, with what was granted. Through an API key, that is
    /// what its scopes and its owner have in common, and the user is no superuser.
    ///
    /// # Errors
    /// 401 and 403 as the extractor says, 429 after too many wrong keys, 503 if the store fails. The response removes a cookie
    /// that is not valid.
    pub async fn of(manager: &M, parts: &Parts, ip: Option<IpAddr>) -> Result<Self, Problem> {
        if let Some(owner) = ApiKeyOwner::of(manager, parts, ip).await? {
            let granted = Permissions::from_names(owner.granted());
            return Self::admit(Arc::new(owner.into_user()), None, granted);
        }
        let principal = admitted(manager, parts, Guard::active()).await?;
        let granted = granted(manager, principal.user());
        let (user, session) = principal.into_parts();
        Self::admit(user, Some(session), granted)
    }

    /// The user of a request, or `None` if [`of`](Self::of) would return 401 or 403.
    ///
    /// # Errors
    /// 503 if the store fails.
    pub async fn optional(manager: &M, parts: &Parts, ip: Option<IpAddr>) -> Result<Option<Self>, Problem> {
        if_admitted(Self::of(manager, parts, ip).await)
    }

    /// Whatever credentials a request has, this judges what they grant.
    fn admit(
        user: Arc<UserOf<M::Store>>,
        session: Option<SessionInfo>,
        granted: Permissions<M::Permission>,
    ) -> Result<Self, Problem> {
        let granted = needed(granted, N::NEEDED)?;
        Ok(Self { user, session, granted, needs: PhantomData })
    }

    /// Everything that the request may do, which is at least what the handler needs.
    pub fn granted(&self) -> Permissions<M::Permission> {
        self.granted
    }

    /// The session that the request came through. `None` if it came through an API key.
    pub fn session(&self) -> Option<&SessionInfo> {
        self.session.as_ref()
    }

    /// Returns the user by value.
    pub fn into_user(self) -> UserOf<M::Store> {
        Arc::unwrap_or_clone(self.user)
    }
}

impl<M: Permits, N: Needs<M::Permission>> Deref for Requires<M, N> {
    type Target = UserOf<M::Store>;

    fn deref(&self) -> &Self::Target {
        &self.user
    }
}

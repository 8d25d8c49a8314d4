//! The API key of a request: its owner goes out, with what the key may do.

use std::{fmt, net::IpAddr};

use ::http::{HeaderValue, request::Parts};

use super::{Problem, context::client, demand_sound, identify, trace};
use crate::{
    context::Context,
    login::key_owner,
    manager::UserManager,
    store::{ApiKeyInfo, UserOf},
};

/// The owner of the API key of a request, and what the key may do. It is for what accepts keys in place of
/// sessions, such as a framework without an adapter here. A key is no session, so no extractor for users is made from it.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::http::{ApiKeyOwner, Problem};
///
/// async fn orders(accounts: &Accounts, parts: &http::request::Parts) -> Result<String, Problem> {
///     match ApiKeyOwner::of(accounts, parts, None).await? {
///         Some(owner) if owner.grants("orders:read") => Ok(format!("the orders of {}", owner.user().email)),
///         Some(_) => Err(Problem::forbidden()),
///         None => Err(Problem::unauthorized()),
///     }
/// }
/// # let _ = orders;
/// ```
pub struct ApiKeyOwner<M: UserManager> {
    user: UserOf<M::Store>,
    key: ApiKeyInfo,
    granted: Vec<&'static str>,
}

impl<M: UserManager> ApiKeyOwner<M> {
    /// The owner of the API key in the `Authorization` header of a request whose connection comes from this address.
    /// `None` for a request without a key.
    ///
    /// # Errors
    /// 401 for a key that is unknown, expired or revoked, or whose owner is inactive; for several keys; and for a key beside
    /// a session, because it would not be clear which user the request is for. 403 for an owner whose address is not
    /// verified, if the engine requires it. 429 after too many wrong keys from the network. 503 if the store fails.
    pub async fn of(manager: &M, parts: &Parts, ip: Option<IpAddr>) -> Result<Option<Self>, Problem> {
        let engine = manager.engine_ref();
        let keys = identify::keys(engine, &parts.headers);
        if keys.is_empty() {
            return Ok(None);
        }
        demand_sound(manager)?;
        let sessions = identify::recognize_sessions(manager, parts).await?;
        let [key] = keys[..] else { return Err(Problem::unauthorized()) };
        if !sessions.principals.is_empty() {
            return Err(Problem::unauthorized());
        }
        let id = parts.headers.get("x-request-id").and_then(|id: &HeaderValue| id.to_str().ok());
        let cx = Context { ip: client(manager, parts, ip), request_id: id.map(str::to_owned), ..Context::default() };
        let (record, key) = key_owner(manager, key, &cx).await?.ok_or_else(Problem::unauthorized)?;
        let mut user = record.user;
        if engine.requires_verified() && !user.is_verified {
            return Err(Problem::forbidden());
        }
        trace::note_user(&user.id);
        let permitted = manager.permissions_by_name().map(|by_name| by_name.permitted(&user)).unwrap_or_default();
        let granted = permitted.into_iter().filter(|name| key.scopes.iter().any(|scope| scope == name)).collect();
        // A handler that looks at the flag must not let a key do everything.
        user.is_superuser = false;
        Ok(Some(Self { user, key, granted }))
    }

    /// The owner. They are no superuser here, whatever they are in a session.
    pub fn user(&self) -> &UserOf<M::Store> {
        &self.user
    }

    /// The key, without its text.
    pub fn key(&self) -> &ApiKeyInfo {
        &self.key
    }

    /// Returns the names of what the key may do.
    pub(super) fn granted(&self) -> &[&'static str] {
        &self.granted
    }

    pub(super) fn into_user(self) -> UserOf<M::Store> {
        self.user
    }

    /// Returns whether the key may do what this permission allows: it is one of its scopes, and its owner has it now.
    pub fn grants(&self, permission: &str) -> bool {
        self.granted.contains(&permission)
    }
}

impl<M: UserManager> fmt::Debug for ApiKeyOwner<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, key, granted } = self;
        f.debug_struct("ApiKeyOwner").field("user", user).field("key", key).field("granted", granted).finish()
    }
}

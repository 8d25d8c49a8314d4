//! The definition of a notification: its name in the outbox, its hook, and what delivery needs to call the hook. Each
//! slice lists its own rows.

use std::pin::Pin;

use crate::{
    audit::EventKind,
    context::Context,
    error::{HookError, HookFuture},
    hook::Failure,
    manager::{ManagedUser, UserManager},
    notification::attempt::Attempt,
    store::{ApiKeyInfo, FactorInfo},
    user::EmailAddress,
};

/// One kind of notification. The rows of a slice are written with [`notifications`].
pub(crate) struct Notification<M: UserManager + ?Sized> {
    /// The name in the outbox, at most 64 characters: that of the operation or the route that causes it.
    pub(crate) name: &'static str,
    /// The name of the hook.
    pub(crate) hook: &'static str,
    /// The event of a request. It is raised once, when the request is recorded, and not at each attempt to deliver.
    pub(crate) requested: Option<EventKind>,
    /// Whether the default hook sends a message to the engine's messenger. A test compares it with the guide.
    #[cfg(test)]
    pub(crate) is_mailed: bool,
    /// How the hook is called.
    pub(crate) call: Call<M>,
}

pub(crate) type UserHook<M> = for<'a> fn(&'a M, &'a ManagedUser<M>, &'a Context) -> HookFuture<'a, HookError>;
pub(crate) type AddressHook<M> =
    for<'a> fn(&'a M, &'a ManagedUser<M>, &'a EmailAddress, &'a Context) -> HookFuture<'a, HookError>;
pub(crate) type FactorHook<M> =
    for<'a> fn(&'a M, &'a ManagedUser<M>, &'a FactorInfo, &'a Context) -> HookFuture<'a, HookError>;
pub(crate) type KeyHook<M> =
    for<'a> fn(&'a M, &'a ManagedUser<M>, &'a ApiKeyInfo, &'a Context) -> HookFuture<'a, HookError>;
pub(crate) type Delivering<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// The arguments of a hook, which its outbox row must contain.
pub(crate) enum Call<M: UserManager + ?Sized> {
    /// The user alone.
    User(UserHook<M>),
    /// The user, and the address in the row.
    Address(AddressHook<M>),
    /// The user, and the second factor in the row.
    Factor(FactorHook<M>),
    /// The user, and the API key in the row.
    Key(KeyHook<M>),
    /// The user, and a token that is made for each attempt. The function decides whether the request is still valid,
    /// makes the token and calls the hook.
    #[allow(dead_code, reason = "only delivery calls it, and delivery is a crate feature")]
    Request(for<'a> fn(&'a Attempt<'a, M>) -> Delivering<'a>),
}

/// Writes the rows of a slice: one function for each, with which its operations enqueue it, and `notifications`, which
/// lists all of them for the registry, so that none can be left out. The hook's name and its call come from the same
/// token.
///
/// A row is `function = "name": kind hook, mailed;`. The kind is `user`, `user(function)` for a function that calls the
/// hook and does more, `address`, `factor`, `api_key`, or `request(Event, function)`. `mailed` or `unmailed` says whether the default hook
/// sends a message.
macro_rules! notifications {
    ($($(#[$doc:meta])* $row:ident = $name:literal: $kind:ident $(($($how:tt)*))? $hook:ident, $mailed:ident;)*) => {
        $(
            $(#[$doc])*
            pub(crate) fn $row<M: $crate::UserManager + ?Sized>() -> $crate::notification::row::Notification<M> {
                $crate::notification::row::Notification {
                    name: $name,
                    hook: stringify!($hook),
                    requested: $crate::notification::row::notifications!(@event $kind $($($how)*)?),
                    #[cfg(test)]
                    is_mailed: $crate::notification::row::notifications!(@mailed $mailed),
                    call: $crate::notification::row::notifications!(@call $kind $hook $($($how)*)?),
                }
            }
        )*

        /// All notifications of this slice.
        #[allow(dead_code, reason = "only delivery lists them, and delivery is a crate feature")]
        pub(crate) fn notifications<M: $crate::UserManager + ?Sized>() -> Vec<$crate::notification::row::Notification<M>> {
            vec![$($row()),*]
        }
    };
    (@event request $event:ident, $deliver:path) => { Some($crate::audit::EventKind::$event) };
    (@event $($other:tt)*) => { None };
    (@mailed mailed) => { true };
    (@mailed unmailed) => { false };
    (@call user $hook:ident) => { $crate::notification::row::Call::User(M::$hook) };
    (@call user $hook:ident $call:path) => { $crate::notification::row::Call::User($call) };
    (@call address $hook:ident) => { $crate::notification::row::Call::Address(M::$hook) };
    (@call factor $hook:ident) => { $crate::notification::row::Call::Factor(M::$hook) };
    (@call api_key $hook:ident) => { $crate::notification::row::Call::Key(M::$hook) };
    (@call request $hook:ident $event:ident, $deliver:path) => { $crate::notification::row::Call::Request($deliver) };
}

pub(crate) use notifications;

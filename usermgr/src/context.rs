//! The context of an operation: the caller, the client and its request. Every operation and hook gets it. It does not
//! depend on HTTP.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    session::{Principal, SessionInfo},
    store::UserStore,
};

/// The context of an operation. `Context::default()` is empty and is suitable for code without a request.
///
/// ```
/// use usermgr::Context;
/// let mut cx = Context::default().user_agent("curl");
/// cx.extensions.insert(7_u16);
/// assert_eq!(cx.extensions.get::<u16>(), Some(&7));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// The client's `User-Agent` header.
    pub user_agent: Option<String>,
    /// The id of the request in logs.
    pub request_id: Option<String>,
    /// The client's `Accept-Language` header (RFC 9110, 12.5.4), cut to 200 bytes. A notification that is delivered
    /// later has the languages of the request that caused it.
    pub languages: Option<String>,
    /// The caller, if known.
    pub actor: Option<Actor>,
    /// Values from the adapter or the application, such as the parts of the request, a connection or a customer id.
    pub extensions: Extensions,
}

impl Context {
    /// Makes the context of an action of the application itself, such as a command or a job. The name appears in the
    /// events.
    pub fn system(name: impl Into<Cow<'static, str>>) -> Self {
        Self::default().actor(Actor::System(name.into()))
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn ip(mut self, ip: IpAddr) -> Self {
        self.ip = Some(ip);
        self
    }

    /// Sets the client's `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Sets the id of the request.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Sets the client's languages, in the form of `Accept-Language`.
    #[must_use]
    pub fn languages(mut self, languages: impl Into<String>) -> Self {
        self.languages = Some(languages.into());
        self
    }

    /// Sets the caller.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }
}

/// When the request was made that a message is about, in the context of a messenger.
#[derive(Clone, Copy)]
pub(crate) struct RequestedAt(
    #[cfg_attr(not(feature = "mail"), allow(dead_code, reason = "only the mails of that crate feature say it"))]
    pub(crate) Timestamp,
);

/// The caller of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A user with one of their sessions.
    User {
        /// The id of the user, as text.
        id: String,
        /// The session. It stays valid after a password change that is made through it.
        session: SessionInfo,
    },
    /// The application itself.
    System(Cow<'static, str>),
}

impl Actor {
    /// The user of a session.
    pub(crate) fn of<S: UserStore>(principal: &Principal<S>) -> Self {
        Self::User { id: principal.user().id.to_string(), session: principal.session.clone() }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, session } => match &session.actor {
                Some(actor) => write!(f, "user:{} as user:{id}", actor.id),
                None => write!(f, "user:{id}"),
            },
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

/// A map of values by their type.
#[derive(Clone, Default)]
pub struct Extensions(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Extensions {
    /// Adds a value. It replaces a value of the same type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// Returns the value of a type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }
}

impl fmt::Debug for Extensions {
    /// Shows only the number of values, because a value may hold a whole request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extensions({})", self.0.len())
    }
}

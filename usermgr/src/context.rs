//! The circumstances of an operation: who asks, from where, with what. Every operation and hook gets them; none of it is HTTP.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::Arc,
};

use crate::session::SessionInfo;

/// The circumstances of an operation. `Context::default()` knows nothing and is fine for code without a request.
///
/// ```
/// use usermgr::Context;
/// let mut cx = Context { user_agent: Some("curl".into()), ..Context::default() };
/// cx.extensions.insert(7_u16);
/// assert_eq!(cx.extensions.get::<u16>(), Some(&7));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// What the client says it is.
    pub user_agent: Option<String>,
    /// The name under which the request appears in logs.
    pub request_id: Option<String>,
    /// The languages that the client asks for, as its `Accept-Language` header (RFC 9110, 12.5.4) says, cut to 200 bytes. A notification that is
    /// delivered later has those of the request that caused it.
    pub languages: Option<String>,
    /// Who asks, where it is known.
    pub actor: Option<Actor>,
    /// Whatever the adapter or the application adds: the parts of the request, a connection, a tenant.
    pub extensions: Extensions,
}

impl Context {
    /// The circumstances of the application's own doing, under a name for the events: a command, a job.
    pub fn system(name: impl Into<Cow<'static, str>>) -> Self {
        Self { actor: Some(Actor::System(name.into())), ..Self::default() }
    }
}

/// Who asks for an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A user, through one of their sessions.
    User {
        /// The id of the user, as text.
        id: String,
        /// The session; it survives a password change that is made through it.
        session: SessionInfo,
    },
    /// The application itself.
    System(Cow<'static, str>),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => write!(f, "user:{id}"),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

/// Values by their type.
#[derive(Clone, Default)]
pub struct Extensions(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Extensions {
    /// Adds a value, in place of one of the same type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// The value of a type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }
}

impl fmt::Debug for Extensions {
    /// Only how many there are: a value may hold a whole request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extensions({})", self.0.len())
    }
}

//! The cookie in which a login waits in a browser for its second factor, where pages ask for it. It is here because the callback of a provider
//! leaves it too, which knows nothing of pages.

use std::time::Duration;

use crate::presentation::encoded;
#[cfg(feature = "oauth-bare")]
use crate::{
    engine::Engine,
    error::PendingLogin,
    session::{Backend, Transport},
    store::UserStore,
};

pub(crate) const PENDING_COOKIE: &str = "__Host-usermgr-pending";
/// How long a pending login is valid.
pub(crate) const PENDING_SPAN: Duration = Duration::from_secs(300);

/// The value of the cookie: the token, and the kinds of factors with spaces between them.
pub(crate) fn pending_value(token: &str, kinds: &str) -> String {
    format!("{token}.{}", encoded(kinds))
}

/// What pages leave in an engine, so that a login by a redirect goes on at them: the backend to which they sign users in.
#[cfg(feature = "oauth-bare")]
pub(crate) struct AsksForFactors(pub(crate) String);

#[cfg(feature = "oauth-bare")]
impl AsksForFactors {
    /// The header that leaves a login behind which a callback has begun. `None` if no page would ask for its factor.
    pub(crate) fn cookie<S: UserStore>(engine: &Engine<S>, backend: &str, pending: &PendingLogin) -> Option<String> {
        engine.kept::<Self>().filter(|known| known.0 == backend)?;
        let Some(Transport::Cookie(session)) = engine.backend(backend).map(Backend::transport) else { return None };
        let options = session.beside(PENDING_COOKIE, PENDING_SPAN);
        let kinds: Vec<_> = pending.factors.iter().map(|factor| factor.kind.as_str()).collect();
        Some(options.set(&pending_value(pending.token.expose(), &kinds.join(" "))))
    }
}

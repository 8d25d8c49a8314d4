//! A probe: an audit sink that keeps the events, and a place where hooks keep the tokens that would be mailed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use zeroize::Zeroizing;

use crate::{
    audit::{AuditSink, Event, EventKind},
    token::{Purpose, Token},
    user::EmailAddress,
};

/// Keeps events and tokens for a test to check. Clones share them.
///
/// ```
/// use usermgr::{Engine, audit::EventKind, MemoryStore, testing::Probe};
/// let probe = Probe::default();
/// let engine = Engine::builder(MemoryStore::new()).audit(probe.clone()).build()?;
/// assert_eq!(probe.count(EventKind::LoggedIn), 0);
/// # let _ = engine;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct Probe(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    events: Vec<Event>,
    tokens: HashMap<(&'static str, EmailAddress), Zeroizing<String>>,
}

impl Probe {
    /// Returns all events, the oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.kept(|kept| kept.events.clone())
    }

    /// Returns the number of events of a kind.
    pub fn count(&self, kind: EventKind) -> usize {
        self.kept(|kept| kept.events.iter().filter(|event| event.kind == kind).count())
    }

    /// Keeps a token: call it in `on_after_request_verify` and `on_after_forgot_password`.
    pub fn keep<P: Purpose>(&self, email: &EmailAddress, token: &Token<P>) {
        self.kept(|kept| kept.tokens.insert((P::NAME, email.clone()), Zeroizing::new(token.expose().to_owned())));
    }

    /// Returns the last token of a purpose that was kept for an address.
    pub fn token<P: Purpose>(&self, email: &str) -> Option<Token<P>> {
        let email = EmailAddress::for_lookup(email);
        self.kept(|kept| kept.tokens.get(&(P::NAME, email)).map(|text| Token::from(text.as_str())))
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AuditSink for Probe {
    fn record(&self, event: &Event) {
        self.kept(|kept| kept.events.push(event.clone()));
    }
}

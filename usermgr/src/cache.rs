//! What an engine keeps of principals: nothing without the feature `cache`, and nothing until it is given a [`PrincipalCache`].
//! Operations say here that they change somebody, whether or not anything is kept of that user.

#[cfg(feature = "cache")]
mod principals;
#[cfg(all(test, feature = "cache"))]
mod tests;

#[cfg(feature = "cache")]
use principals::Place;
#[cfg(feature = "cache")]
pub use principals::PrincipalCache;

#[cfg(feature = "cache")]
use jiff::Timestamp;
#[cfg(feature = "cache")]
use principals::Partition;

#[cfg(feature = "cache")]
use crate::carrier::Carrier;
use crate::user::UserId;

/// The part of the cache that is one engine's.
#[derive(Default)]
pub(crate) struct EngineCache {
    #[cfg(feature = "cache")]
    partition: Option<Partition>,
}

impl EngineCache {
    #[cfg(feature = "cache")]
    pub(crate) fn of(cache: PrincipalCache) -> Self {
        Self { partition: Some(Partition::of(cache)) }
    }

    /// Where the principal of a token is kept that this carrier brought; nowhere without a cache. To be asked before the store is.
    #[cfg(feature = "cache")]
    pub(crate) fn place(&self, carrier: Carrier<'_>, token: &str, now: Timestamp) -> Option<Place<'_>> {
        self.partition.as_ref().map(|partition| partition.place(carrier, token, now))
    }

    #[cfg(all(feature = "http", not(feature = "cache")))]
    pub(crate) fn place(&self, _: crate::carrier::Carrier<'_>, _: &str, _: jiff::Timestamp) -> Option<Nowhere> {
        None
    }

    /// A change of a user, of their sessions or of their tokens begins. What this gives back must live until the store has answered.
    #[cfg_attr(not(feature = "cache"), expect(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn changing(&self, user: &impl UserId) -> Changing<'_> {
        Changing {
            #[cfg(feature = "cache")]
            of: self.partition.as_ref().map(|partition| partition.share(user)),
            #[cfg(not(feature = "cache"))]
            of: std::marker::PhantomData,
        }
    }

    /// A user, their sessions or their tokens have changed.
    #[cfg_attr(not(feature = "cache"), expect(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn changed(&self, user: &impl UserId) {
        #[cfg(feature = "cache")]
        if let Some(partition) = &self.partition {
            partition.share(user).forget();
        }
    }

    /// What makes a token good has changed for everybody.
    pub(crate) fn changed_for_all(&self) {
        #[cfg(feature = "cache")]
        if let Some(partition) = &self.partition {
            partition.forget_all();
        }
    }
}

/// The place of a principal where nothing is kept: there is none.
#[cfg(all(feature = "http", not(feature = "cache")))]
pub(crate) enum Nowhere {}

#[cfg(all(feature = "http", not(feature = "cache")))]
impl Nowhere {
    pub(crate) fn get<V>(&self) -> Option<V> {
        match *self {}
    }

    pub(crate) fn keep<V>(&self, _: &V, _: &impl UserId, _: Option<jiff::Timestamp>) {
        match *self {}
    }
}

/// A change that is under way. Its end is the end of what was kept of the user before, whatever the change has come to: an answer of the
/// store that is lost, and a request whose client has hung up, may have written something all the same. What a database writes only after
/// that nobody here can see; it is out of date by the lifetime at most, as what another process writes.
#[must_use = "it must live until the store has answered"]
pub(crate) struct Changing<'a> {
    #[cfg(feature = "cache")]
    of: Option<principals::Share<'a>>,
    #[cfg(not(feature = "cache"))]
    of: std::marker::PhantomData<&'a ()>,
}

#[cfg(feature = "cache")]
impl Drop for Changing<'_> {
    fn drop(&mut self) {
        if let Some(share) = &self.of {
            share.forget();
        }
    }
}

//! The engine's cache of principals. It caches nothing without the feature `cache`, and nothing before it is given a
//! [`PrincipalCache`]. Operations report here that they change a user, whether or not that user is cached.

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

/// The part of the cache that belongs to one engine.
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

    /// Returns the place for the principal of a token that this carrier brought, or `None` without a cache. It must be
    /// requested before the store is read.
    #[cfg(feature = "cache")]
    pub(crate) fn place(&self, carrier: Carrier<'_>, token: &str, now: Timestamp) -> Option<Place<'_>> {
        self.partition.as_ref().map(|partition| partition.place(carrier, token, now))
    }

    #[cfg(all(feature = "http", not(feature = "cache")))]
    pub(crate) fn place(&self, _: crate::carrier::Carrier<'_>, _: &str, _: jiff::Timestamp) -> Option<Nowhere> {
        None
    }

    /// Reports that a change of a user, of their sessions or of their tokens begins. The returned guard must live until
    /// the store has answered.
    #[cfg_attr(not(feature = "cache"), expect(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn changing(&self, user: &impl UserId) -> Changing<'_> {
        Changing {
            #[cfg(feature = "cache")]
            of: self.partition.as_ref().map(|partition| partition.share(user)),
            #[cfg(not(feature = "cache"))]
            of: std::marker::PhantomData,
        }
    }

    /// Reports that a user, their sessions or their tokens have changed.
    #[cfg_attr(not(feature = "cache"), expect(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn changed(&self, user: &impl UserId) {
        #[cfg(feature = "cache")]
        if let Some(partition) = &self.partition {
            partition.share(user).forget();
        }
    }

    /// Reports a change of what makes the tokens of all users valid.
    pub(crate) fn changed_for_all(&self) {
        #[cfg(feature = "cache")]
        if let Some(partition) = &self.partition {
            partition.forget_all();
        }
    }
}

/// The place of a principal without a cache. It has no value.
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

/// A change that is in progress. When it ends, all cached principals of the user become invalid, whatever the outcome:
/// a change may have been written even if the answer of the store was lost or the client has disconnected. If the
/// database writes only after that, the cache does not notice it. The cached principal is then outdated for at most its
/// lifetime, as after a write of another process.
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

//! Managers that name their store; and, under a feature that no build turns on by itself, one that forgets to.

use usermgr::prelude::*;

/// A manager over a store that it names.
pub struct Accounts {
    /// Its engine.
    pub engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// A manager over any store.
pub struct Any<S> {
    /// Its engine.
    pub engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: UserStore> Any<S> {}

/// The store is missing, and without the feature `sqlite` there is no default.
#[cfg(feature = "forgotten-store")]
mod forgotten {
    use usermgr::prelude::*;

    struct Forgotten {
        engine: Engine,
    }

    #[user_manager(secret = "only-for-tests-0123456789abcdef-x")]
    impl Forgotten {}
}

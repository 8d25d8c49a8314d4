//! The routes of all slices: their rows for reading, and with their handlers for mounting.

use super::tables;
use crate::{
    engine::Engine,
    http::{Route, Routes},
    manager::UserManager,
    store::{Directory, SessionStore},
};

impl Route {
    /// Returns all routes that every engine has, in the order in which they are mounted.
    ///
    /// ```
    /// use usermgr::http::Route;
    /// assert!(Route::all().any(|route| route.method == "POST" && route.path == "/auth/register"));
    /// ```
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Self::every_store().chain(Self::sessions()).chain(Self::directory())
    }

    /// Returns the routes that work with every store, with the paths from FastAPI Users' documentation.
    pub fn every_store() -> impl Iterator<Item = &'static Self> {
        tables::EVERY_STORE.iter().copied().flatten()
    }

    /// Returns the routes that need a store that keeps sessions.
    pub fn sessions() -> impl Iterator<Item = &'static Self> {
        tables::SESSIONS.iter().copied().flatten()
    }

    /// Returns the routes of parts, which an engine has only if the part was added, such as
    /// [signing in with others](crate::guide::signing_in_with_others).
    pub fn of_parts() -> impl Iterator<Item = &'static Self> {
        tables::PARTS.iter().copied().flatten()
    }

    /// Returns the routes that need a store that can list users.
    pub fn directory() -> impl Iterator<Item = &'static Self> {
        tables::DIRECTORY.iter().copied().flatten()
    }
}

impl<M: UserManager> Routes<M> {
    /// The routes that work with [every store](Route::every_store).
    #[expect(clippy::new_without_default, reason = "there is more than one natural choice")]
    pub fn new() -> Self {
        Self::of(tables::every_store())
    }

    /// The [session](Route::sessions) routes, for a store that keeps sessions.
    pub fn sessions() -> Self
    where
        M::Store: SessionStore,
    {
        Self::of(tables::sessions())
    }

    /// The [directory](Route::directory) routes, for a store that can list users.
    pub fn directory() -> Self
    where
        M::Store: Directory,
    {
        Self::of(tables::directory())
    }

    /// The [routes of parts](Route::of_parts). Those of a part that the engine does not have respond with 404.
    pub fn of_parts() -> Self {
        Self::of(tables::parts())
    }

    /// All routes of an engine, those of its parts included. It is what `router` and `configure` mount.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
    /// # impl Accounts {}
    /// use usermgr::http::Routes;
    ///
    /// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
    /// let routes: Routes<Accounts> = Routes::of_engine(&accounts.engine);
    /// # let _ = routes.prefix("/api");
    /// ```
    pub fn of_engine(engine: &Engine<M::Store>) -> Self
    where
        M::Store: SessionStore + Directory,
    {
        Self::all().and(Self::of_parts()).served_by(engine)
    }

    /// All routes that every engine has.
    pub fn all() -> Self
    where
        M::Store: SessionStore + Directory,
    {
        Self::new().and(Self::sessions()).and(Self::directory())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_row_is_an_endpoint_of_its_own() {
        let every = || Route::all().chain(Route::of_parts());
        let endpoints: HashSet<_> = every().map(|route| route.endpoint).collect();
        assert_eq!(endpoints.len(), every().count());
        assert!(every().all(|route| !route.summary.is_empty() && route.name.contains(':')));
    }

    #[test]
    fn no_path_is_in_two_tables() {
        let mut seen = HashSet::new();
        let tables: [Vec<&Route>; 4] = [
            Route::every_store().collect(),
            Route::sessions().collect(),
            Route::directory().collect(),
            Route::of_parts().collect(),
        ];
        for table in tables {
            let paths: HashSet<_> = table.iter().map(|route| route.path).collect();
            assert!(paths.iter().all(|path| seen.insert(*path)), "an adapter mounts each table by itself: {paths:?}");
        }
    }

    #[test]
    fn a_fixed_path_stands_before_one_with_a_parameter_in_its_place() {
        // Each table is mounted by itself.
        let tables: [Vec<_>; 2] = [Route::all().collect(), Route::of_parts().collect()];
        for table in tables {
            let paths: Vec<_> = table.iter().map(|route| route.path).collect();
            for (at, open) in paths.iter().enumerate() {
                let matches = |fixed: &&&str| {
                    let (open, fixed): (Vec<_>, Vec<_>) = (open.split('/').collect(), fixed.split('/').collect());
                    let same = |(open, fixed): (&&str, &&str)| open == fixed || open.starts_with('{');
                    open != fixed && open.len() == fixed.len() && open.iter().zip(&fixed).all(same)
                };
                let late = paths[at..].iter().find(matches);
                assert_eq!(late, None, "actix-web takes the first path that matches: {open}");
            }
        }
    }
}

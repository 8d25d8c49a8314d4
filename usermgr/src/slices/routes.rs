//! The routes of all slices: the rows to be read, and with their handlers to be mounted.

use super::tables;
use crate::{
    http::{Route, Routes},
    manager::UserManager,
    store::{Directory, SessionStore},
};

impl Route {
    /// All routes, in the order in which they are mounted.
    ///
    /// ```
    /// use usermgr::http::Route;
    /// assert!(Route::all().any(|route| route.method == "POST" && route.path == "/auth/register"));
    /// ```
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Self::every_store().chain(Self::sessions()).chain(Self::directory())
    }

    /// The routes that every store can serve, with the paths that FastAPI Users' documentation uses.
    pub fn every_store() -> impl Iterator<Item = &'static Self> {
        tables::EVERY_STORE.iter().copied().flatten()
    }

    /// The routes that need a store that keeps sessions.
    pub fn sessions() -> impl Iterator<Item = &'static Self> {
        tables::SESSIONS.iter().copied().flatten()
    }

    /// The routes that need a store that can list.
    pub fn directory() -> impl Iterator<Item = &'static Self> {
        tables::DIRECTORY.iter().copied().flatten()
    }
}

impl<M: UserManager> Routes<M> {
    /// The routes that [every store](Route::every_store) can serve.
    #[expect(clippy::new_without_default, reason = "there is more than one natural choice")]
    pub fn new() -> Self {
        Self::of(tables::every_store())
    }

    /// The routes of [sessions](Route::sessions), for a store that keeps them.
    pub fn sessions() -> Self
    where
        M::Store: SessionStore,
    {
        Self::of(tables::sessions())
    }

    /// The routes of the [directory](Route::directory), for a store that can list.
    pub fn directory() -> Self
    where
        M::Store: Directory,
    {
        Self::of(tables::directory())
    }

    /// All routes.
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
        let endpoints: HashSet<_> = Route::all().map(|route| route.endpoint).collect();
        assert_eq!(endpoints.len(), Route::all().count());
        assert!(Route::all().all(|route| !route.summary.is_empty() && route.name.contains(':')));
    }

    #[test]
    fn no_path_is_in_two_tables() {
        let mut seen = HashSet::new();
        let tables: [Vec<&Route>; 3] =
            [Route::every_store().collect(), Route::sessions().collect(), Route::directory().collect()];
        for table in tables {
            let paths: HashSet<_> = table.iter().map(|route| route.path).collect();
            assert!(paths.iter().all(|path| seen.insert(*path)), "an adapter mounts each table by itself: {paths:?}");
        }
    }

    #[test]
    fn a_fixed_path_stands_before_one_with_a_parameter_in_its_place() {
        let paths: Vec<_> = Route::all().map(|route| route.path).collect();
        let first = |path: &str| paths.iter().position(|known| *known == path);
        assert!(first("/users/me") < first("/users/{id}"), "actix-web takes the first path that matches");
    }
}

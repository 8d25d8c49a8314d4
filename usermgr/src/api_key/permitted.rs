//! The permissions of users by their names, for what knows no types of the application: the scopes of keys.

use crate::store::{UserOf, UserStore};

/// A manager that permits users something.
pub trait PermissionsByName<S: UserStore>: Send + Sync {
    /// Returns the names of what a user may do now.
    fn permitted(&self, user: &UserOf<S>) -> Vec<&'static str>;
}

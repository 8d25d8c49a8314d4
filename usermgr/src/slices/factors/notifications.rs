//! The notifications about a user's factors.

use crate::notification::row::notifications;

notifications! {
    /// A factor was added, or recovery codes were made.
    added = "add_factor": factor on_after_add_factor, mailed;
    /// A factor was removed, by the user or by a superuser.
    removed = "remove_factor": factor on_after_remove_factor, mailed;
}

//! The notification about a new API key.

use crate::notification::row::notifications;

notifications! {
    /// A key was made, or made in place of another.
    created = "create_api_key": api_key on_after_create_api_key, mailed;
}

//! What is told about a registration.

use crate::notification::row::notifications;

notifications! {
    /// An account was made.
    registered = "register": user on_after_register, unmailed;
    /// The address of an account was registered again.
    duplicate = "duplicate_register": user on_after_duplicate_register, unmailed;
}

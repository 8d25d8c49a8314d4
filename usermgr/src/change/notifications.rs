//! What is told about changes that an update makes, as other operations do.

use crate::notification::row::notifications;

notifications! {
    /// The password has changed, with the current one or by an update.
    password_changed = "change_password": user on_after_change_password, mailed;
    /// The address has changed; the old one is told.
    email_changed = "change_email": address on_after_change_email, mailed;
}

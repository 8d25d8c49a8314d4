//! The notifications about changes that updates and other operations make.

use crate::notification::row::notifications;

notifications! {
    /// The password was changed, with the current one or by an update.
    password_changed = "change_password": user on_after_change_password, mailed;
    /// The address was changed. The old address is notified.
    email_changed = "change_email": address on_after_change_email, mailed;
    /// The user name was set or changed.
    username_changed = "change_username": user on_after_change_username, mailed;
}

//! The notification about a badge.

use crate::notification::row::notifications;

notifications! {
    /// The badge was shown.
    shown = "sample_badge_shown": user on_after_verify, unmailed;
}

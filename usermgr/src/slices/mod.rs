//! What users and administrators can do, one folder for each feature. A slice uses the core; the core knows no slice.

/// The registry: the modules of the slices, and what each brings, concatenated.
macro_rules! slices {
    ($($slice:ident),* $(,)?) => {
        $(pub(crate) mod $slice;)*

        /// The notifications of the core and of all slices.
        #[allow(dead_code, reason = "only delivery asks for them, which is a feature")]
        pub(crate) fn notifications<M: crate::UserManager + ?Sized>() -> Vec<crate::notification::row::Notification<M>> {
            [crate::change::notifications::notifications(), $($slice::notifications()),*].into_iter().flatten().collect()
        }
    };
}

slices! {
    administration,
    email_change,
    password_login,
    profile,
    registration,
    reset,
    sealing,
    sessions,
    verification,
}

pub use sealing::Resealed;
pub use sessions::Refreshed;

//! What users and administrators can do, one folder for each feature. A slice uses the core; the core knows no slice.

pub(crate) mod administration;
pub(crate) mod email_change;
pub(crate) mod password_login;
pub(crate) mod profile;
pub(crate) mod registration;
pub(crate) mod reset;
pub(crate) mod sealing;
pub(crate) mod sessions;
pub(crate) mod verification;

pub use sealing::Resealed;
pub use sessions::Refreshed;

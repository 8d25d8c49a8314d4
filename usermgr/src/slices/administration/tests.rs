//! What superusers do, through the routes.

mod mails;
mod rig;
mod search;
mod sessions;

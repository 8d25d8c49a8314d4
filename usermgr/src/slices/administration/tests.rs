//! What superusers do, through the routes.

mod rig;
mod search;

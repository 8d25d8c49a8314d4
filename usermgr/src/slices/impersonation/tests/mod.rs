//! Acting as users through the routes: who may, what such a session may not do, and what ends it.

mod ending;
mod faults;
mod limits;
mod making;
mod rig;

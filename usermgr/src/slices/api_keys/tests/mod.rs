//! API keys through the routes, the extractors and the operations, over a store whose calls are counted and fail.

mod acting;
mod ends;
mod faults;
mod making;
mod places;
mod rig;
mod rotating;
mod services;

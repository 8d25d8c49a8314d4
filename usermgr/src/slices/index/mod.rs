//! What a manager can do: one trait for each theme, whose methods are signatures with their documentation. Each calls the function of its
//! name in a slice or in the core, unless the transaction of another operation is open.

mod administration;
#[cfg(feature = "outbox")]
mod delivery;
mod sessions;
mod users;

pub use administration::Administration;
#[cfg(feature = "outbox")]
pub use delivery::Delivery;
pub use sessions::Sessions;
pub use users::Operations;

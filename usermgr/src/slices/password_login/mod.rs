mod change;
mod operations;

pub(crate) use change::change_password;
pub use operations::LoggedIn;
pub(crate) use operations::*;

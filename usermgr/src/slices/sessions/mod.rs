mod operations;

pub use operations::Refreshed;
pub(crate) use operations::*;

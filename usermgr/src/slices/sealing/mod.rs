mod operations;

pub use operations::Resealed;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}

#[cfg(test)]
mod tests;

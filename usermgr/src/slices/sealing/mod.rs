mod operations;

pub use operations::Resealed;
pub(crate) use operations::*;

#[cfg(test)]
mod tests;

mod operations;

pub(crate) use operations::*;

mod operations;

pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}

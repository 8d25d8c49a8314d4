pub(crate) mod endpoints;

use crate::notification::row::notifications;

notifications! {}

//! This slice has no notifications of its own: an added passkey notifies as every factor does.

use crate::notification::row::notifications;

notifications! {}

//! This slice has hooks, but no notifications of its own: a registration and a verification notify as theirs do.

use crate::notification::row::notifications;

notifications! {}

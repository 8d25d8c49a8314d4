//! The public keys of signed tokens, for services that verify tokens themselves (RFC 7517).

pub(crate) mod endpoints;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}

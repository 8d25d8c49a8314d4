//! Signing in with other providers from an application on a device: in the browser of the system, which returns a one-time
//! code, or with an ID token that the operating system gives.

pub(crate) mod endpoints;
mod native;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}

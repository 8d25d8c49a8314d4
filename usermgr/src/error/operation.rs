//! For each error of an operation: the response to the client, and whether a retry would only repeat the error.

use std::error::Error;

/// Recognizes an error of an operation, and returns whether it is a refusal. An error of a store or a hasher is a fault
/// in every operation. Everything else is a refusal.
pub(crate) type Recognize = fn(&(dyn Error + 'static)) -> Option<bool>;

/// Returns whether an error, or one of its sources, is a refusal that one of these functions recognizes.
#[allow(dead_code, reason = "only delivery calls it, and delivery is a crate feature")]
pub(crate) fn is_refusal(known: &[Recognize], error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(link) = cause {
        if let Some(is_refusal) = known.iter().find_map(|recognize| recognize(link)) {
            return is_refusal;
        }
        cause = link.source();
    }
    false
}

/// Maps each error's variants except `Fault` to their responses, and lists all errors as `ERRORS`, for the registry.
macro_rules! operation_errors {
    ($($error:ident { $($pattern:pat => $cause:expr,)* })*) => {
        /// Recognizes each of these errors.
        pub(crate) const ERRORS: &[$crate::error::Recognize] = &[$(|error| {
            error.downcast_ref::<$error>().map(|error| !matches!(error, $error::Fault(_)))
        },)*];

        $(impl $crate::error::Coded for $error {
            fn cause(&self) -> $crate::error::Cause<'_> {
                use $error::*;
                match self { $($pattern => $cause,)* Fault(fault) => fault.cause(), }
            }
        }

        impl From<$crate::store::StoreError> for $error {
            fn from(error: $crate::store::StoreError) -> Self {
                Self::Fault(error.into())
            }
        }

        impl From<$crate::password::HashError> for $error {
            fn from(error: $crate::password::HashError) -> Self {
                Self::Fault(error.into())
            }
        })*
    };
}

pub(crate) use operation_errors;

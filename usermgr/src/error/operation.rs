//! What each error of an operation has: what a client is told of it, and whether another attempt would only repeat it.

use std::error::Error;

/// Recognises an error of an operation, and says whether it is a refusal. What a store or a hasher says is a fault in every operation;
/// everything else is a refusal.
pub(crate) type Recognise = fn(&(dyn Error + 'static)) -> Option<bool>;

/// Whether an error, or what it came of, is a refusal that one of these recognises.
#[allow(dead_code, reason = "only delivery asks it, which is a feature")]
pub(crate) fn is_refusal(known: &[Recognise], error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(link) = cause {
        if let Some(is_refusal) = known.iter().find_map(|recognise| recognise(link)) {
            return is_refusal;
        }
        cause = link.source();
    }
    false
}

/// For each error what is answered for its variants but `Fault`, and all of them as `ERRORS`, for the registry.
macro_rules! operation_errors {
    ($($error:ident { $($pattern:pat => $cause:expr,)* })*) => {
        /// Recognises each of these errors.
        pub(crate) const ERRORS: &[$crate::error::Recognise] = &[$(|error| {
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
